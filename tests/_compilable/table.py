"""The table of scikit-learn's estimators in docs/compile.md."""

from collections.abc import Iterator
from pathlib import Path

from tests._compilable.roster import OUTSIDE, TEXT, cases, estimators, refusals

DOCUMENT = Path(__file__).parents[2] / "docs" / "compile.md"
_BEGIN = "<!-- estimators: written by `python -m tests._compilable` -->"
_END = "<!-- end of estimators -->"
_ROLES = {"predict": "model", "transform": "transformer"}
_LINK = "https://scikit-learn.org/stable/api/index.html"


def share() -> tuple[int, int]:
    """How many of the estimators that fit tables compile, and how many fit."""
    return len(estimators()) - len(refusals()), len(estimators())


def render() -> str:
    """The table as Markdown."""
    compiled, fitting = share()
    head = (
        f"Of [scikit-learn's estimators]({_LINK}), {fitting} fit tables, each counted once as a model and once as a "
        f"transformer where it is both. **{compiled} compile exactly ({100 * compiled / fitting:.0f} %)**, "
        f"none needs a second converter, {fitting - compiled} are refused."
    )
    lines = ["| estimator | as | what becomes of it |", "|---|---|---|", *_rows()]
    outside = ["| estimator | why it isn't counted |", "|---|---|"]
    outside += [f"| `{name}` | {reason} |" for name, reason in sorted(OUTSIDE.items())]
    return "\n\n".join([head, "\n".join(lines), "These don't fit a table with one target:", "\n".join(outside)])


def _rows() -> Iterator[str]:
    refused = refusals()
    wrapped = {(case.name, case.role) for case in cases() if case.wrapped}
    for name, role in sorted(estimators(), key=lambda key: (key[0].lower(), key[1])):
        if (name, role) in refused:
            found = f"**refused**: {refused[name, role]}"
        elif (name, role) in wrapped:
            found = "compiled exactly, within CalibratedClassifierCV: it gives no probabilities by itself"
        else:
            found = "compiled exactly" + (", from the text on" if name in TEXT else "")
        yield f"| `{name}` | {_ROLES[role]} | {found} |"


def written(document: str, table: str) -> str:
    """The document with the table in its place."""
    before, begin, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has no place for the table: {_BEGIN} … {_END}")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"
