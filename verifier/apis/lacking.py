"""What an error says of configuration that is missing, found in the error itself, whatever framework raises it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from verifier.config import refusal
from verifier.model import Failure

# what Python itself raises for reasons of its own; an import that fails is another matter
NEVER = frozenset(
    {
        "AttributeError",
        "ImportError",
        "ModuleNotFoundError",
        "NameError",
        "SyntaxError",
        "TypeError",
        "UnboundLocalError",
    }
)
# kept as text: `re` compiles each when it is first used, which in most runs is never
CLASS = r"""(?x)
    (?:Improperly|Not|Un|Mis)Configured   # Django, Celery, Scrapy: a word of the state
    | (?:Configur|Settings?|Credentials).*(?:Error|Exception|Missing|NotFound|NotSet|Required)
    | ConfigException$                    # a `ConfigError` is as often a fault of the code: pydantic.v1
    | (?:Missing|No)\w*(?:Config|Setting|Credential)
    | NotReady$ | NotInitiali[sz]ed$ | NotSetUp$"""
SETTING = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
NAME = rf"(?:[`'\"](?P<quoted>[A-Za-z_]\w*)[`'\"]|(?P<plain>\b(?:{SETTING}|[A-Z]{{3,}})\b))"
MORE = rf"(?:,?\s+(?:and|or)\s+[`'\"]?(?:{SETTING})[`'\"]?)*"
VARIABLE = r"\b(?i:environment(?:al)?\s+variables?|env(?:ironment)?[\s-]?vars?)\b"
NAMED = (rf"{VARIABLE}:?\s+{NAME}", rf"{NAME}{MORE}\s+{VARIABLE}")
ANY_SETTING = rf"\b{SETTING}\b"
UNSET = rf"""(?x)
    \b{SETTING}[`'\"]?\ (?:
        (?:is|was|has|are)(?:\ not|n't)\ (?:been\ )?(?:set|configured|provided|defined)
        | must\ be\ (?:set|configured|provided|defined)
    )
    | \b(?:is|are)(?:\ not|n't)\ (?:been\ )?configured\b"""
CONTEXT = r"\b(?:application|app|request) context\b"
OUTSIDE = rf"(?:\bnot|n't) in [^.]*\b{SETTING}\b"
MODEL = r"(?i)\bvalidation errors? for \w*(?:Settings|Config)\w*\n(?s:.*)\brequired\b"


class Rule(Struct, frozen=True, kw_only=True):
    """One kind of evidence; `proves` where nothing else can be meant, so that it outweighs what speaks for a cause."""

    name: str
    proves: bool
    fits: Callable[[Failure], bool]
    example: Failure


RULES: tuple[Rule, ...] = (
    Rule(
        name="environ",
        proves=True,
        fits=lambda f: f.variable is not None,
        example=Failure(type="KeyError", message="'DEMO_URL'", variable="DEMO_URL"),
    ),
    Rule(
        name="names_a_variable",
        proves=True,
        fits=lambda f: re.search(VARIABLE, f.message) is not None,
        example=Failure(type="ValueError", message="set the environment variable DEMO_URL"),
    ),
    Rule(
        name="unset",
        proves=True,
        fits=lambda f: re.search(UNSET, f.message) is not None,
        example=Failure(type="OSError", message="cannot start, because DEMO_URL is not set."),
    ),
    Rule(
        name="context",
        proves=True,
        fits=lambda f: f.type == "RuntimeError" and re.search(CONTEXT, f.message) is not None,
        example=Failure(type="RuntimeError", message="Working outside of application context."),
    ),
    Rule(
        name="not_listed",
        proves=True,
        fits=lambda f: f.type == "RuntimeError" and re.search(OUTSIDE, f.message) is not None,
        example=Failure(type="RuntimeError", message="Model class Demo isn't in an application in INSTALLED_DEMOS."),
    ),
    Rule(
        name="model",
        proves=True,
        fits=lambda f: f.type == "ValidationError" and re.search(MODEL, f.message) is not None,
        example=Failure(type="ValidationError", message="1 validation error for Settings\nurl\n  Field required"),
    ),
    Rule(
        name="class",
        proves=False,
        # "Error loading the driver": it is configured, and what it names is not installed
        fits=lambda f: re.search(CLASS, f.type) is not None and not f.after_import,
        example=Failure(type="ImproperlyConfigured", message="no"),
    ),
)


def evidence(failure: Failure) -> Rule | None:
    """The first rule by which the error speaks of missing configuration; None if it does not."""
    return None if failure.type in NEVER else _first_rule(replace(failure, frames=()))


@lru_cache(maxsize=1024)
def _first_rule(failure: Failure) -> Rule | None:
    """Where a framework is not configured, hundreds of modules fail with the same words."""
    return next((rule for rule in RULES if rule.fits(failure)), None)


def variable(failure: Failure) -> str | None:
    """The variable of the environment that the error asks for, if it says which, and the user may set it."""
    name = failure.variable or _named(failure.message)
    return name if name and refusal(name, "") is None else None


def _named(message: str) -> str | None:
    for pattern in NAMED:
        if found := re.search(pattern, message):
            return found["quoted"] or found["plain"]
    settings = set(re.findall(ANY_SETTING, message))
    return settings.pop() if len(settings) == 1 and re.search(VARIABLE, message) else None
