"""What an error says of configuration that is missing, found in the error itself, whatever framework raises it."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

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
CLASS = re.compile(
    r"""(?:Improperly|Not|Un|Mis)Configured   # Django, Celery, Scrapy: a word of the state
    | (?:Configur|Settings?|Credentials).*(?:Error|Exception|Missing|NotFound|NotSet|Required)
    | ConfigException$                    # a `ConfigError` is as often a fault of the code: pydantic.v1
    | (?:Missing|No)\w*(?:Config|Setting|Credential)
    | NotReady$ | NotInitiali[sz]ed$ | NotSetUp$""",
    re.VERBOSE,
)
SETTING = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
NAME = rf"(?:[`'\"](?P<quoted>[A-Za-z_]\w*)[`'\"]|(?P<plain>\b(?:{SETTING}|[A-Z]{{3,}})\b))"
MORE = rf"(?:,?\s+(?:and|or)\s+[`'\"]?(?:{SETTING})[`'\"]?)*"
VARIABLE = r"\b(?i:environment(?:al)?\s+variables?|env(?:ironment)?[\s-]?vars?)\b"
NAMED = tuple(re.compile(pattern) for pattern in (rf"{VARIABLE}:?\s+{NAME}", rf"{NAME}{MORE}\s+{VARIABLE}"))
ANY_SETTING = re.compile(rf"\b{SETTING}\b")
UNSET = re.compile(
    rf"""\b{SETTING}[`'\"]?\ (?:
        (?:is|was|has|are)(?:\ not|n't)\ (?:been\ )?(?:set|configured|provided|defined)
        | must\ be\ (?:set|configured|provided|defined)
    )
    | \b(?:is|are)(?:\ not|n't)\ (?:been\ )?configured\b""",
    re.VERBOSE,
)
CONTEXT = re.compile(r"\b(?:application|app|request) context\b")
OUTSIDE = re.compile(rf"(?:\bnot|n't) in [^.]*\b{SETTING}\b")
MODEL = re.compile(r"\bvalidation errors? for \w*(?:Settings|Config)\w*\n(?s:.*)\brequired\b", re.IGNORECASE)


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
        fits=lambda f: UNSET.search(f.message) is not None,
        example=Failure(type="OSError", message="cannot start, because DEMO_URL is not set."),
    ),
    Rule(
        name="context",
        proves=True,
        fits=lambda f: f.type == "RuntimeError" and CONTEXT.search(f.message) is not None,
        example=Failure(type="RuntimeError", message="Working outside of application context."),
    ),
    Rule(
        name="not_listed",
        proves=True,
        fits=lambda f: f.type == "RuntimeError" and OUTSIDE.search(f.message) is not None,
        example=Failure(type="RuntimeError", message="Model class Demo isn't in an application in INSTALLED_DEMOS."),
    ),
    Rule(
        name="model",
        proves=True,
        fits=lambda f: f.type == "ValidationError" and MODEL.search(f.message) is not None,
        example=Failure(type="ValidationError", message="1 validation error for Settings\nurl\n  Field required"),
    ),
    Rule(
        name="class",
        proves=False,
        # "Error loading the driver": it is configured, and what it names is not installed
        fits=lambda f: CLASS.search(f.type) is not None and not f.after_import,
        example=Failure(type="ImproperlyConfigured", message="no"),
    ),
)


def evidence(failure: Failure) -> Rule | None:
    """The first rule by which the error speaks of missing configuration; None if it does not."""
    if failure.type in NEVER:
        return None
    return next((rule for rule in RULES if rule.fits(failure)), None)


def variable(failure: Failure) -> str | None:
    """The variable of the environment that the error asks for, if it says which, and the user may set it."""
    name = failure.variable or _named(failure.message)
    return name if name and refusal(name, "") is None else None


def _named(message: str) -> str | None:
    for pattern in NAMED:
        if found := pattern.search(message):
            return found["quoted"] or found["plain"]
    settings = set(ANY_SETTING.findall(message))
    return settings.pop() if len(settings) == 1 and re.search(VARIABLE, message) else None
