"""Whether an error speaks of configuration: the words of real packages, and errors that only look alike."""

from __future__ import annotations

import pytest

from verifier.apis.lacking import RULES, Rule, evidence, variable
from verifier.model import Failure

DJANGO = (
    "Requested setting INSTALLED_APPS, but settings are not configured. You must either define the environment "
    "variable DJANGO_SETTINGS_MODULE or call settings.configure() before accessing settings."
)
OPENAI = (
    "Missing credentials. Please pass an `api_key`, `workload_identity`, `admin_api_key`, or set the `OPENAI_API_KEY` "
    "or `OPENAI_ADMIN_KEY` environment variable."
)
PYDANTIC = "1 validation error for Settings\ndatabase_url\n  Field required [type=missing, input_value={}]"
REQUEST = "Working outside of request context.\n\nThis typically means that you attempted to use functionality"
URI = "Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set."
MODEL = "Model class demo.Thing doesn't declare an explicit app_label and isn't in an application in INSTALLED_APPS."
CELERY = "The environment variable 'PROJ_CONFIG' is not set,\nand as such the configuration could not be loaded."


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_is_reached_by_its_own_example(rule: Rule) -> None:
    assert evidence(rule.example) is rule


@pytest.mark.parametrize(
    ("kind", "message", "named"),
    [
        ("ImproperlyConfigured", DJANGO, "DJANGO_SETTINGS_MODULE"),
        ("AppRegistryNotReady", "Apps aren't loaded yet.", None),
        ("RuntimeError", MODEL, None),
        ("ImproperlyConfigured", "Set the DEMO_TOKEN environment variable", "DEMO_TOKEN"),
        ("EnvNotSetError", 'Environment variable "DEMO_TOKEN" not set', "DEMO_TOKEN"),
        ("UndefinedValueError", "DEMO_TOKEN not found. Declare it as envvar or define a default value.", "DEMO_TOKEN"),
        ("OpenAIError", OPENAI, "OPENAI_API_KEY"),
        ("ImproperlyConfigured", CELERY, "PROJ_CONFIG"),
        ("ValidationError", PYDANTIC, None),
        ("RuntimeError", REQUEST, None),
        ("RuntimeError", "Working outside of application context.", None),
        ("RuntimeError", URI, None),
        ("OSError", "Failed because REPO_URL is not set.", None),
        ("AirflowConfigException", "error: cannot use sqlite with the LocalExecutor", None),
        ("DefaultCredentialsError", "Your default credentials were not found.", None),
        ("NotConfigured", "", None),
        ("ValueError", "one of the environment variables is missing", None),
    ],
)
def test_what_real_packages_raise_is_understood(kind: str, message: str, named: str | None) -> None:
    failure = Failure(type=kind, message=message)
    assert evidence(failure) is not None
    assert variable(failure) == named


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("KeyError", "'DEMO_URL'"),
        ("NameError", "name 'DEMO_URL' is not defined"),
        ("AttributeError", "module 'select' has no attribute 'KQ_EV_ADD'"),
        ("ImportError", "Qt is not found: set the environment variable QT_API"),
        ("TypeError", "__init__() missing 1 required positional argument: 'DEMO_URL'"),
        ("ValueError", "'x' is not in ALLOWED_VALUES"),
        ("ValidationError", "1 validation error for Shape\nsides\n  Field required"),
        ("RuntimeError", "no running event loop"),
        ("ConfigError", 'unable to infer type for attribute "REGEX"'),
        ("CredentialTypeError", "that is no class"),
        ("RuntimeError", "There is no current context manager."),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'DEMO_URL'"),
        ("DecodeError", "MAX_SIZE exceeded"),
        ("OSError", "cannot read the environment"),
    ],
)
def test_other_errors_are_left_alone(kind: str, message: str) -> None:
    assert evidence(Failure(type=kind, message=message)) is None


def test_a_class_alone_proves_nothing_where_an_import_had_failed() -> None:
    for message, rule in (
        ("Error loading MySQLdb module.", None),
        ("Set the environment variable DEMO_DB", "names_a_variable"),
    ):
        found = evidence(Failure(type="ImproperlyConfigured", message=message, after_import=True))
        assert (found and found.name) == rule


def test_a_look_up_in_the_environment_says_which_variable() -> None:
    failure = Failure(type="ValueError", message="no token", variable="demo.token")
    found = evidence(failure)
    assert found is not None
    assert found.proves
    assert variable(failure) == "demo.token"


def test_no_variable_is_named_that_nobody_may_set() -> None:
    assert variable(Failure(type="KeyError", message="", variable="XDG_RUNTIME_DIR")) is None
