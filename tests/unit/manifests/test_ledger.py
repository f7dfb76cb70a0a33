"""A ledger says what was changed, and shows when somebody has changed the ledger."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import jsonschema
import pytest
from msgspec import UNSET

from tests.unit.manifests.changes import change
from verifier.errors import UserError
from verifier.manifests import ledger
from verifier.manifests.layout import Value, canonical
from verifier.manifests.ledger import Stamp, Step
from verifier.manifests.model import Json

STAMP = Stamp(timestamp="2024-05-01T12:00:00Z", sha="0a1b2c3")
DOCUMENTED = Path(__file__).parents[3] / "docs" / "ledger.md"
SCHEMA = Path(__file__).parents[3] / "schema" / "ledger.schema.json"


def added(data: bytes, *pairs: tuple[str, Value, Value]) -> bytes:
    steps = [Step(change=change(field, new), old=old) for field, old, new in pairs]
    return data + ledger.append(ledger.read(data).records, steps, STAMP)


BASE = added(b"", ("features", UNSET, ["a"]), ("tags", ["x"], ["x", "y"]))
OURS = added(BASE, ("features", ["a"], ["a", "b"]))
THEIRS = added(BASE, ("features", ["a"], ["a", "c"]), ("description", UNSET, "é"))
BOTH = OURS + THEIRS.removeprefix(BASE)


def problems(data: bytes) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.what) for problem in ledger.read(data).problems]


def test_a_record_is_one_canonical_line() -> None:
    first, second = BASE.splitlines()
    assert first == canonical(json.loads(first))
    assert json.loads(first) == {
        "seq": 1,
        "after": [],
        "sha": "0a1b2c3",
        "timestamp": "2024-05-01T12:00:00Z",
        "field": "features",
        "new": ["a"],
        "extractor": "features",
        "confidence": "high",
        "reasons": ["pattern:H2+UL"],
        "sources": {"shop/claude.me": "a" * 64},
        "hash": json.loads(second)["after"][0],
    }


def test_what_was_appended_is_sound_and_replays() -> None:
    assert problems(THEIRS) == []
    assert ledger.replay(ledger.read(THEIRS).records) == {
        "features": ["a", "c"],
        "tags": ["x", "y"],
        "description": "é",
    }


def test_a_removed_field_is_gone_and_a_null_is_not() -> None:
    data = added(BASE, ("features", ["a"], UNSET), ("tags", ["x", "y"], None))
    assert ledger.replay(ledger.read(data).records) == {"tags": None}


def test_a_record_of_new_sources_says_nothing_of_the_value() -> None:
    stays = Step(change=change("features", ["ignored"], source="b"), stays=True)
    data = BASE + ledger.append(ledger.read(BASE).records, [stays], STAMP)
    assert problems(data) == []
    assert ledger.replay(ledger.read(data).records) == ledger.replay(ledger.read(BASE).records)
    assert ledger.read(data).records[-1].sources == {"shop/claude.me": "b" * 64}


def test_the_order_of_lines_and_double_lines_do_not_matter() -> None:
    shuffled = b"".join(reversed(BOTH.splitlines(keepends=True))) + BASE
    assert problems(shuffled) == []
    assert ledger.read(shuffled) == ledger.read(BOTH)


def test_two_branches_have_two_heads_and_the_next_record_names_both() -> None:
    records = ledger.read(BOTH).records
    assert len(ledger.heads(records)) == 2
    assert [fields["features"] for fields in ledger.branches(records)] in (
        [["a", "b"], ["a", "c"]],
        [["a", "c"], ["a", "b"]],
    )
    merged = ledger.read(added(BOTH, ("features", ["a", "b"], ["a", "c"])))
    assert merged.problems == ()
    assert merged.records[-1].after == ledger.heads(records)
    assert len(ledger.branches(merged.records)) == 1


def edited(number: int, how: Callable[[bytes], bytes]) -> bytes:
    lines = THEIRS.splitlines(keepends=True)
    lines[number - 1] = how(lines[number - 1])
    return b"".join(lines)


def rehashed(line: bytes, **fields: Json) -> bytes:
    """A line that somebody has changed, and taken care to."""
    entry = {**json.loads(line), **fields}
    del entry["hash"]
    return canonical({**entry, "hash": sha256(canonical(entry)).hexdigest()}) + b"\n"


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        pytest.param(edited(2, lambda line: line[:-2] + b"\n"), 2, "it is no JSON", id="broken JSON"),
        pytest.param(edited(2, lambda line: b"\xff" + line), 2, "it is no JSON", id="no text"),
        pytest.param(edited(2, lambda _: b"\n"), 2, "it is no JSON", id="an empty line"),
        pytest.param(edited(2, lambda _: b"[" * 100_000 + b"\n"), 2, "it is no JSON", id="too deep"),
        pytest.param(edited(2, lambda line: line.replace(b'"x"]', b'"z"]')), 2, "its hash is not its own", id="value"),
        pytest.param(edited(2, lambda line: line.replace(b",", b", ", 1)), 2, "it is not written as", id="spaces"),
        pytest.param(edited(1, lambda line: b'{"mine":1,' + line[1:]), 1, "it is no record", id="an unknown field"),
        pytest.param(edited(1, lambda line: line.replace(b'"seq":1,', b"")), 1, "it is no record", id="a lost field"),
        pytest.param(edited(1, lambda line: rehashed(line, new=["z"])), 2, "it comes after a record", id="rehashed"),
        pytest.param(edited(2, lambda _: b""), 2, "it comes after a record that is not there", id="a lost line"),
        pytest.param(edited(4, lambda line: rehashed(line, seq=7)), 4, "its number is 7, and 4 is next", id="number"),
        pytest.param(edited(4, lambda line: line[:-1]), 4, "the last line has no end", id="no end of line"),
        pytest.param(THEIRS.replace(b"\n", b"\r\n"), 1, "its line ends have been made CRLF", id="CRLF"),
        pytest.param(BASE + b"<<<<<<< HEAD\n" + b"}\n", 3, "git has left a conflict in it", id="conflict"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(data: bytes, line: int, what: str) -> None:
    found = problems(data)
    assert found
    assert found[0][0] == line
    assert found[0][1].startswith(what)
    with pytest.raises(UserError) as refused:
        ledger.sound(data, "ledger.ndjson")
    assert what in refused.value.what
    assert refused.value.where == f"ledger.ndjson:{line}"
    assert refused.value.fix


def test_all_problems_are_told_at_once() -> None:
    assert [line for line, _ in problems(b"{}\n" + BASE + b"1\n")] == [1, 4]


def test_a_sound_ledger_is_believed_and_none_is_empty() -> None:
    assert ledger.sound(BASE, "") == ledger.read(BASE).records
    assert ledger.sound(None, "") == ()


def test_every_record_keeps_the_contract() -> None:
    contract = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(contract)
    check = jsonschema.Draft202012Validator(contract)
    for line in added(BOTH, ("features", ["a"], UNSET), ("x", UNSET, None)).splitlines():
        check.validate(json.loads(line))
    assert not check.is_valid({**json.loads(BASE.splitlines()[0]), "mine": 1})


def test_a_module_has_its_ledger_at_its_own_path() -> None:
    folder = Path("manifests/.ledger")
    assert ledger.path(folder, "services/mcp-server") == folder / "services" / "mcp-server.ndjson"
    assert ledger.path(folder, ".") == folder / ".ndjson"


# --- with git ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def git(tmp_path: Path, scrubbed: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """git in an empty repository."""

    def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=true"]
        return subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, env=dict(scrubbed), capture_output=True, text=True, check=check
        )

    run("init", "-q", "-b", "main")
    return run


def branched(git: Callable[..., subprocess.CompletedProcess[str]], file: Path, base: bytes) -> None:
    """A repository in which two branches have appended to the same ledger."""
    if base:
        file.write_bytes(base)
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "base")
    git("checkout", "-q", "-b", "theirs")
    file.write_bytes(THEIRS)
    git("add", "-A")
    git("commit", "-q", "-m", "theirs")
    git("checkout", "-q", "main")
    file.parent.mkdir(parents=True, exist_ok=True)  # git takes an empty folder away
    file.write_bytes(OURS)
    git("add", "-A")
    git("commit", "-q", "-m", "ours")


@pytest.mark.parametrize("base", [BASE, b""], ids=["on a common beginning", "each its own beginning"])
@pytest.mark.parametrize("name", ["shop.ndjson", "services/shop.ndjson"])
def test_git_merges_two_branches_and_the_next_record_reconciles_them(
    git: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, base: bytes, name: str
) -> None:
    advice = re.search(r"```gitattributes\n(.*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    assert advice
    (tmp_path / ".gitattributes").write_text(advice[1])
    file = tmp_path / "manifests" / ".ledger" / name
    file.parent.mkdir(parents=True)
    branched(git, file, base)
    git("merge", "-q", "theirs")
    merged = file.read_bytes()
    assert problems(merged) == []
    assert len(ledger.read(merged).records) == 5
    assert len(ledger.heads(ledger.read(merged).records)) == 2
    after = added(merged, ("features", ["a", "b"], ["a", "b", "c"]))
    assert problems(after) == []
    assert len(ledger.heads(ledger.read(after).records)) == 1
    assert ledger.replay(ledger.read(after).records)["features"] == ["a", "b", "c"]


def test_without_the_attribute_the_reader_says_what_to_do(
    git: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / ".gitattributes").write_text("*.ndjson -text\n")
    branched(git, file := tmp_path / "shop.ndjson", BASE)
    assert git("merge", "-q", "theirs", check=False).returncode == 1
    assert problems(file.read_bytes()) == [(3, "git has left a conflict in it")]
    with pytest.raises(UserError) as refused:
        ledger.sound(file.read_bytes(), "shop.ndjson")
    assert "keep all others" in refused.value.fix
    assert "merge=union" in refused.value.fix
    kept = [line for line in file.read_bytes().splitlines(keepends=True) if line.startswith(b"{")]
    assert problems(b"".join(kept)) == []
