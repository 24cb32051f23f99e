"""The conformance table of docs/local-aws.md."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from localaws_testing.conformance.catalog import ACCEPTED, Thing
from localaws_testing.conformance.proofs import ROOT, Proof

DOCUMENT = ROOT / "docs" / "local-aws.md"
_BEGIN = "<!-- conformance: written by `python -m localaws_testing.conformance` -->"
_END = "<!-- end of conformance -->"


def proof_of(thing: Thing, proofs: Mapping[str, list[Proof]]) -> list[Proof]:
    """The tests that prove a thing; what's accepted without being done has one test for all."""
    return proofs.get(thing.name, []) + (proofs.get(ACCEPTED, []) if thing.is_accepted else [])


def unproved(things: list[Thing], proofs: Mapping[str, list[Proof]]) -> list[str]:
    """The names of things that no test proves."""
    return [thing.name for thing in things if not proof_of(thing, proofs)]


def render(things: list[Thing], proofs: Mapping[str, list[Proof]]) -> str:
    """The table as Markdown, one for each section."""
    parts: list[str] = []
    for section, rows in groupby(things, key=lambda thing: thing.section):
        lines = [f"### {section}", "", "| | what local AWS does | the test that proves it |", "|---|---|---|"]
        lines += [f"| {_code(thing)} | {thing.how} | {_shown(proof_of(thing, proofs))} |" for thing in rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def written(document: str, table: str) -> str:
    """The document with the table in its place."""
    before, begin, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has no place for the table: {_BEGIN} … {_END}")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def _code(thing: Thing) -> str:
    return thing.label if thing.label == "create, update, delete" else f"`{thing.label}`"


def _shown(found: list[Proof]) -> str:
    if not found:
        return "**not proved yet**"
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"[{_words(first.test)}](../{first.path}){more}"


def _words(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


def read(path: Path = DOCUMENT) -> str:
    """The document as it stands."""
    return path.read_text(encoding="utf-8")
