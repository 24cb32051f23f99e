"""Ids that look alike: to the model they are different, to people seldom."""

import re
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.identifiers import spell_id

type Texts = NDArray[np.object_]

_ZEROS = re.compile(r"0+(?=[0-9]+$)")
_WHAT = "letters' case, blanks, invisible characters or the composition of accents alone"


def describe_alike(ids: Texts, what: str, *, show: bool) -> Iterator[str]:
    """Sentences for people about the ids [V] that are hardly different, each with an example if `show`.

    `what` says what they are ids of, such as "items".
    """
    if found := _find_pairs(ids, _fold):
        yield (
            f"The ids of {found[0]:,} {what} differ from another one's in {_WHAT}{_show(found, show)}: they are "
            "learnt as different. If they are the same, set fold_case=True in the spec."
        )
    if found := _find_pairs(ids, _without_zeros):
        yield (
            f"The ids of {found[0]:,} {what} differ from another one's in leading zeros alone{_show(found, show)}: "
            "they are learnt as different. If they are the same, write them alike; spreadsheets take such zeros away."
        )


def describe_unlisted(ids: Texts, listed: Texts) -> Iterator[str]:
    """The same about items [V] that a catalogue doesn't list as they are written, but nearly so; `listed` [C]."""
    known = {_loosen(text): text for text in listed.tolist()}
    unlisted = sorted({*ids.tolist()} - {*listed.tolist()})
    near = [(text, known[loose]) for text in unlisted if (loose := _loosen(text)) in known]
    if near:
        given, meant = near[0]
        yield (
            f"The catalogue doesn't list {len(near):,} items of the dataset, so that they are never recommended, but "
            f"lists ids that differ from theirs in leading zeros, {_WHAT}, such as {meant!r} for {given!r}. If they "
            "are the same, write them alike in both files."
        )


def _find_pairs(ids: Texts, fold: Callable[[str], str]) -> tuple[int, str, str] | None:
    """How many ids have another one that folds alike, and two of them; None if there are none."""
    folded = np.array([fold(text) for text in ids.tolist()], dtype=object)
    order = np.argsort(folded, kind="stable")
    same = folded[order[1:]] == folded[order[:-1]]
    if not same.any():
        return None
    alike = np.union1d(order[1:][same], order[:-1][same])
    first = int(np.flatnonzero(same)[0])
    return len(alike), ids[order[first]], ids[order[first + 1]]


def _show(found: tuple[int, str, str], show: bool) -> str:
    return f", such as {found[1]!r} and {found[2]!r}" if show else ""


def _fold(text: str) -> str:
    return spell_id(text, fold_case=True)


def _without_zeros(text: str) -> str:
    return _ZEROS.sub("", text) if text[:1] == "0" else text


def _loosen(text: str) -> str:
    return _without_zeros(_fold(text))
