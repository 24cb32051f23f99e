"""The conformance table of docs/local-aws.md."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from localaws_testing.conformance.catalog import ACCEPTED, BEHAVIOUR, Feature
from localaws_testing.conformance.proofs import ROOT, Proof

DOCUMENT = ROOT / "docs" / "local-aws.md"
_BEGIN = "<!-- conformance: written by `python -m localaws_testing.conformance` -->"
_END = "<!-- end of conformance -->"


def proof_of(feature: Feature, proofs: Mapping[str, list[Proof]]) -> list[Proof]:
    """The tests that prove a feature; one test proves all properties that are accepted without effect."""
    return proofs.get(feature.name, []) + (proofs.get(ACCEPTED, []) if feature.is_accepted else [])


def untested(features: list[Feature], proofs: Mapping[str, list[Proof]]) -> list[str]:
    """The names of the features without a test."""
    return [feature.name for feature in features if not proof_of(feature, proofs)]


def render(features: list[Feature], proofs: Mapping[str, list[Proof]]) -> str:
    """The table as Markdown, one per section."""
    parts: list[str] = []
    for section, rows in groupby(features, key=lambda feature: feature.section):
        lines = [f"### {section}", "", "| feature | support | test |", "|---|---|---|"]
        lines += [f"| {_label(feature)} | {feature.how} | {_links(proof_of(feature, proofs))} |" for feature in rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def replace_table(document: str, table: str) -> str:
    """The document with its table replaced."""
    before, begin, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has no markers for the table: {_BEGIN} … {_END}")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def _label(feature: Feature) -> str:
    is_sentence = feature.label == "create, update, delete" or feature.section.startswith(BEHAVIOUR)
    return feature.label if is_sentence else f"`{feature.label}`"


def _links(found: list[Proof]) -> str:
    if not found:
        return "**none**"
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"[{_words(first.test)}](../{first.path}){more}"


def _words(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


def read(path: Path = DOCUMENT) -> str:
    """The current document."""
    return path.read_text(encoding="utf-8")
