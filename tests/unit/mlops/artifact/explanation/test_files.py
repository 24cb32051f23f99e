"""An explainer as files: read back as it was, refused where it isn't one."""

import numpy as np
import pytest

from mlops.artifact.explanation.explainer import Explainer, Part, View
from mlops.artifact.explanation.files import (
    ABOUT,
    NUMBERS,
    ExplainerUnreadable,
    read_explainer,
    read_reason,
    write_explainer,
    write_refusal,
)
from mlops.artifact.explanation.linear import Linear

LINEAR = Linear(np.array([[2.0, -1.0, 4.0]]), np.array([1.0, 1.0, 0.0]), np.array([0.5]))
# Two features come from column b, and label 0's score is that of label 1 turned round.
PART = Part(LINEAR, 3, ("a", "b", "b"), (View(0, -1.0), View(0)))
EXPLAINER = Explainer("log-odds", ("a", "b", "unused"), (PART, PART), b"graph")


def test_contributions_of_features_and_parts_are_summed_by_column() -> None:
    no, yes = EXPLAINER.explain(np.array([[2.0, 0.0, 1.0] * 2] * 2), [0, 1])
    assert (yes.base, yes.contributions) == (1.0, {"a": 4.0, "b": 10.0, "unused": 0.0})
    assert (no.base, no.contributions) == (-1.0, {"a": -4.0, "b": -10.0, "unused": 0.0})
    assert yes.unit == "log-odds"


def test_what_is_read_explains_as_what_was_written() -> None:
    files = write_explainer(EXPLAINER)
    assert set(files) == {ABOUT, NUMBERS}
    assert read_reason(files[ABOUT]) is None
    back = read_explainer(files[ABOUT], files[NUMBERS])
    rows = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
    assert back.explain(rows, [1]) == EXPLAINER.explain(rows, [1])
    assert back.graph == b"graph"


def test_the_same_explainer_gives_the_same_bytes() -> None:
    assert write_explainer(EXPLAINER) == write_explainer(EXPLAINER)


def test_a_reason_stands_in_place_of_an_explainer() -> None:
    (about,) = write_refusal("it can't").values()
    assert read_reason(about) == "it can't"


@pytest.mark.parametrize("about", [b"{", b"[]", b"{}", b'{"format": 2}'])
def test_a_file_of_another_form_is_refused(about: bytes) -> None:
    with pytest.raises(ExplainerUnreadable, match=r"explainer\.json"):
        read_reason(about)


@pytest.mark.parametrize("spoil", [lambda content: content[:100], lambda _: b"", lambda _: b"\x80\x04N."])
def test_numbers_that_are_damaged_are_refused(spoil: object) -> None:
    files = write_explainer(EXPLAINER)
    with pytest.raises(ExplainerUnreadable, match=r"explainer\.npz"):
        read_explainer(files[ABOUT], spoil(files[NUMBERS]))  # type: ignore[operator]
