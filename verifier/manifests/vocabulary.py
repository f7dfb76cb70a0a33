"""The controlled words of manifests: canonical keys, and the phrases that stand for them. Read from JSON, or refused.

A repository's own folder replaces the vocabularies that come with the tool, file by file; a file with
`"$extends": true` adds to them, and what has the same key takes the place of theirs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from verifier.errors import UserError
from verifier.manifests.mistakes import Entries, Mistake, json_path, mistakes_of, shown
from verifier.manifests.model import Source
from verifier.manifests.text import Phrases
from verifier.resources import load_schema, vocabularies

FILES = ("features", "capabilities", "tags")
EXTENDS = "$extends"
LARGEST = 8 << 20
"""Bytes of one file."""


class Word(Struct, frozen=True, kw_only=True):
    """A canonical key."""

    key: str
    title: str
    category: str = ""
    synonyms: tuple[str, ...] = ()
    replaced_by: str = ""
    """The key that is used in its place."""

    @property
    def phrases(self) -> tuple[str, ...]:
        """All that stands for it in a text."""
        return (self.title, *self.synonyms)


class Family(Struct, frozen=True, kw_only=True):
    """Tags that begin alike: `lane:*`."""

    name: str
    """Without `:*`."""
    title: str
    values: tuple[str, ...]
    open: bool
    """Other values are allowed, too."""


class Vocabulary(Struct, frozen=True, kw_only=True):
    """The words that manifests may use."""

    features: Mapping[str, Word]
    capabilities: Mapping[str, Word]
    tags: Mapping[str, Family]
    """By the family's name."""
    feature_phrases: Phrases
    capability_phrases: Phrases
    sources: tuple[Source, ...]
    """The repository's own files."""
    digest: str
    """SHA-256, in hex, of all that was read."""

    def tag_keys(self) -> frozenset[str]:
        """Every tag that is allowed; `lane:*` where the values of a family are open."""
        families = self.tags.values()
        return frozenset(f"{each.name}:{value}" for each in families for value in each.values) | frozenset(
            f"{each.name}:*" for each in families if each.open
        )

    def feature_keys(self) -> frozenset[str]:
        """Every feature that a manifest may name."""
        return frozenset(key for key, word in self.features.items() if not word.replaced_by)

    def capability_keys(self) -> frozenset[str]:
        """Every capability that a manifest may name."""
        return frozenset(key for key, word in self.capabilities.items() if not word.replaced_by)


def load(folder: Path | None = None, root: Path | None = None, *, features: bytes | None = None) -> Vocabulary:
    """The vocabularies that come with the tool, with those in `folder` in their place or beside them.

    `root` is the repository, that paths are told relative to. `features` are what the file of that name is about to
    hold, if that is the question. Raises UserError, with all mistakes of all files at once.
    """
    told = folder.relative_to(root).as_posix() if folder and root and folder.is_relative_to(root) else str(folder)
    if folder and not folder.is_dir():
        raise UserError(
            "there is no such folder of vocabularies",
            where=told,
            fix="make it, or correct `vocabulary` in the settings",
        )
    mistakes: list[Mistake] = []
    files = [_File(name, "vocab", vocabularies()) for name in FILES]
    about_to_be = {"features": features}
    own = [each for name in FILES if folder and (each := _File(name, told, folder, about_to_be.get(name))).is_there]
    entries = {each.name: each.read(mistakes) for each in files}
    for each in own:
        read = each.read(mistakes)
        entries[each.name] = {**entries[each.name], **read} if each.extends else read
    for name, where in {each.name: each.shown for each in (*files, *own)}.items():
        if name != "tags":
            mistakes += mistakes_of(where, entries[name])
    if mistakes:
        raise _refused(sorted({*mistakes}))
    digest = hashlib.sha256(b"".join(each.digest.encode() for each in (*files, *own))).hexdigest()
    return _vocabulary(entries, tuple(Source(each.shown, each.digest) for each in own), digest)


def _refused(mistakes: list[Mistake]) -> UserError:
    told = "there is a mistake" if len(mistakes) == 1 else f"there are {len(mistakes)} mistakes"
    lines = "\n  ".join(map(str, mistakes))
    files = ", ".join(sorted({mistake.file for mistake in mistakes}))
    return UserError(f"{told} in the vocabularies\n  {lines}", where=files, fix="correct them all; nothing was read")


def _vocabulary(entries: Mapping[str, Entries], sources: tuple[Source, ...], digest: str) -> Vocabulary:
    features, capabilities = _words(entries["features"]), _words(entries["capabilities"])
    return Vocabulary(
        features=features,
        capabilities=capabilities,
        tags={
            key.removesuffix(":*"): Family(
                name=key.removesuffix(":*"),
                title=entry["title"],
                values=tuple(sorted(entry.get("values", ()))),
                open=entry.get("open", False),
            )
            for key, entry in sorted(entries["tags"].items())
        },
        feature_phrases=_phrases(features),
        capability_phrases=_phrases(capabilities),
        sources=sources,
        digest=digest,
    )


def _words(entries: Entries) -> dict[str, Word]:
    return {
        key: Word(
            key=key,
            title=entry["title"],
            category=entry.get("category", ""),
            synonyms=tuple(entry.get("synonyms", ())),
            replaced_by=entry.get("replaced_by", ""),
        )
        for key, entry in sorted(entries.items())
    }


def _phrases(words: Mapping[str, Word]) -> Phrases:
    return Phrases((phrase, _in_use(words, word).key) for word in words.values() for phrase in word.phrases)


def _in_use(words: Mapping[str, Word], word: Word) -> Word:
    while word.replaced_by:
        word = words[word.replaced_by]
    return word


# --- one file ---------------------------------------------------------------------------------------------------------


class _File:
    """A file of a vocabulary; what is wrong with its form is told, and left out."""

    def __init__(self, name: str, told: str, folder: Path, about_to_be: bytes | None = None) -> None:
        self.name = name
        self.path = folder / f"{name}.json"
        self.shown = f"{told}/{name}.json"
        self.extends = False
        self.digest = ""
        self._about_to_be = about_to_be

    @property
    def is_there(self) -> bool:
        return self._about_to_be is not None or self.path.is_file()

    def read(self, mistakes: list[Mistake]) -> Entries:
        """The entries whose form is right."""
        twice: list[str] = []
        try:
            data = self.path.read_bytes() if self._about_to_be is None else self._about_to_be
            if len(data) > LARGEST:
                raise ValueError(f"it has more than {LARGEST >> 20} MiB")  # noqa: TRY301
            self.digest = hashlib.sha256(data).hexdigest()
            document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=lambda pairs: _once(pairs, twice))
        except (OSError, ValueError, RecursionError) as broken:
            mistakes.append(
                Mistake(self.shown, "$", "", "json", f"it cannot be read: {broken}", "make it JSON in UTF-8")
            )
            return {}
        mistakes += [
            Mistake(self.shown, "$", shown(key), "duplicate", "the key is there twice", "merge both") for key in twice
        ]
        wrong = list(self._breaches(document))
        mistakes += [mistake for mistake, _ in wrong]
        if not isinstance(document, dict):
            return {}
        self.extends = document.pop(EXTENDS, False) is True
        broken_keys = {key for _, key in wrong}
        return {key: entry for key, entry in document.items() if key not in broken_keys}

    def _breaches(self, document: Any) -> Iterator[tuple[Mistake, str]]:
        """What the schema does not allow, with the key of the entry that it is about."""
        from jsonschema import Draft202012Validator  # noqa: PLC0415  takes as long to load as all the rest

        schema = load_schema("vocabulary")
        for error in Draft202012Validator({**schema, "$ref": f"#/$defs/{self.name}"}).iter_errors(document):
            at, value, rule = [*error.absolute_path], error.instance, str(error.validator)
            if rule == "additionalProperties" and not at:
                canonical = re.compile("|".join(schema["$defs"][self.name]["patternProperties"]))
                for key in sorted(key for key in value if key != EXTENDS and not canonical.search(key)):
                    yield self._mistake([key], key, "pattern"), key
                continue
            yield self._mistake(at, value, rule, error.message), str(at[0]) if at else ""

    def _mistake(self, at: list[str | int], value: Any, rule: str, message: str = "") -> Mistake:
        what, remedy = SCHEMA_RULES.get(rule, (message, "see docs/vocabulary.md for the form"))
        return Mistake(self.shown, json_path(at), shown(value), rule, what or message, remedy)


SCHEMA_RULES = {
    "pattern": (
        "it is not canonical",
        "use small letters, digits and `_`, with dots between: `task.queue`; see docs/vocabulary.md",
    ),
    "required": ("", "add it"),
    "type": ("", "see docs/vocabulary.md for the form"),
    "uniqueItems": ("an entry is there twice", "remove one"),
    "minLength": ("it is empty", "write it, or remove it"),
    "maxLength": ("it is too long for a phrase", "shorten it"),
}
"""What a keyword of JSON Schema means for people, where its own message does not say it; and what to do."""


def _once(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice.extend(sorted({key for key in keys if keys.count(key) > 1}) if len({*keys}) < len(keys) else ())
    return dict(pairs)
