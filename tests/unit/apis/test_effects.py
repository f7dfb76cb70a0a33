"""The table of effects: each rule is reached, and what no rule knows is forbidden."""

from __future__ import annotations

import pytest

from verifier.apis import effects
from verifier.apis.effects import RULES, Rule, grade
from verifier.model import Effect, Grade, Isolation

KERNEL = Isolation(landlock=7, seccomp=True, notify=True, rlimits=("cpu",), audit=True)
NOTHING = Isolation(landlock=None, seccomp=False, notify=False, rlimits=(), audit=True)


def seen(kind: str, target: str = "", *, contained: bool = False, seen_by: tuple[str, ...] = ("audit",)) -> Effect:
    return Effect(kind=kind, target=target, contained=contained, seen_by=seen_by)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_is_reached_by_its_own_example(rule: Rule) -> None:
    assert grade(rule.example) == (rule.name, rule.grade)


def test_what_no_rule_knows_is_forbidden() -> None:
    assert grade(seen("teleport")) == ("unknown", Grade.FORBIDDEN)


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (seen("bind", "0.0.0.0:0"), Grade.NOTED),
        (seen("bind", "127.0.0.1:8080"), Grade.FORBIDDEN),
        (seen("bind", "203.0.113.7:0"), Grade.FORBIDDEN),
        (seen("resolve", "127.0.0.1"), Grade.NOTED),
        (seen("resolve", "example.org"), Grade.FORBIDDEN),
        (seen("spawn", "ldconfig"), Grade.NOTED),
        (seen("spawn", "git"), Grade.FORBIDDEN),
        (seen("exec", "ldconfig"), Grade.FORBIDDEN),
        (seen("write", "/etc/motd", contained=True), Grade.NOTED),
        (seen("write", "/etc/motd"), Grade.FORBIDDEN),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind} {value.target}",
)
def test_the_line_between_untidy_and_forbidden(effect: Effect, expected: Grade) -> None:
    assert grade(effect)[1] is expected


def test_an_effect_counts_as_stopped_only_under_a_layer_that_refuses_it() -> None:
    attempts = [seen("write", "/x"), seen("connect", "a:1"), seen("fork"), seen("metadata", "/x")]
    assert all(effects.judge(attempt, KERNEL).stopped for attempt in attempts)
    assert not any(effects.judge(attempt, NOTHING).stopped for attempt in attempts)


def test_what_went_to_scratch_was_not_stopped() -> None:
    assert not effects.judge(seen("write", "<scratch>", contained=True), KERNEL).stopped
