"""Which versions learned from which datasets, and which of them serve: datasets left, versions, aliases right."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from mlops.console.readers.registry import Summary
from mlops.monitoring.report.charts.svg import box, drawing, element, text
from mlops.monitoring.report.texts import count, shorten
from mlops.registry.aliases import Alias

WIDTH, ROW, BOX = 640.0, 26.0, 18.0
# Where the columns begin and end.
_DATASETS, _VERSIONS, _ALIASES = (0.0, 210.0), (290.0, 420.0), (500.0, 640.0)


def draw_lineage(summaries: Sequence[Summary], champion: Alias | None, challenger: Alias | None) -> Markup:
    """The versions, the newest first; empty without any. An alias of one that isn't among them isn't drawn."""
    if not summaries:
        return Markup("")
    rows = {each.number: place for place, each in enumerate(summaries)}
    datasets = _datasets(summaries)
    aliases = [
        (name, alias.version)
        for name, alias in (("champion", champion), ("challenger", challenger))
        if alias and alias.version in rows
    ]
    parts: list[Markup] = []
    words: list[str] = []
    for place, versions in datasets:
        for each in versions:
            look = "kin" if each.standing == "passed" else "kin dashed-kin"
            parts.append(_link((_DATASETS[1], place), (_VERSIONS[0], rows[each.number]), look))
        numbers = ", ".join(f"{each.number} ({each.standing})" for each in versions)
        words.append(f"{shorten(versions[0].file, 60)}: {'versions' if len(versions) > 1 else 'version'} {numbers}")
    for name, number in aliases:
        parts.append(_link((_VERSIONS[1], rows[number]), (_ALIASES[0], rows[number]), "kin"))
        words.append(f"version {number} is the {name}")
    for place, versions in datasets:
        hover = f"{shorten(versions[0].dataset, 120)}, {count(versions[0].rows, 'row')}"
        parts += _box(_DATASETS, place, shorten(versions[0].file, 32), "node", hover)
    for each in summaries:
        label = f"version {each.number}" + ("" if each.standing == "passed" else f", {each.standing}")
        parts += _box(_VERSIONS, rows[each.number], label, f"node {each.standing}-node", shorten(each.candidate, 60))
    for name, number in aliases:
        parts += _box(_ALIASES, rows[number], name, "node serving-node", f"version {number}")
    return drawing(WIDTH, len(summaries) * ROW, "Datasets, versions and what serves", "; ".join(words), *parts)


def _datasets(summaries: Sequence[Summary]) -> list[tuple[float, list[Summary]]]:
    """Each dataset's row, in the middle of its versions' that follow each other, and the versions."""
    found: list[tuple[float, list[Summary]]] = []
    for place, each in enumerate(summaries):
        if found and found[-1][1][0].dataset_sha256 == each.dataset_sha256:
            first, versions = found[-1]
            found[-1] = (first + 0.5, [*versions, each])
        else:
            found.append((float(place), [each]))
    return found


def _link(start: tuple[float, float], end: tuple[float, float], look: str) -> Markup:
    (left, top), (right, bottom) = (start[0], _middle(start[1])), (end[0], _middle(end[1]))
    middle = (left + right) / 2
    path = f"M{left:g} {top:g}C{middle:g} {top:g} {middle:g} {bottom:g} {right:g} {bottom:g}"
    return element("path", d=path, class_=look)


def _box(column: tuple[float, float], row: float, label: str, look: str, hover: str) -> Iterator[Markup]:
    yield box(column[0] + 0.5, _middle(row) - BOX / 2, column[1] - 0.5, _middle(row) + BOX / 2, look, hover)
    yield text((column[0] + 8, _middle(row) + 4), label)


def _middle(row: float) -> float:
    return (row + 0.5) * ROW
