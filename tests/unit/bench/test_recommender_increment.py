"""The incremental update that is measured equals learning again, whatever changed."""

import numpy as np
import pytest
from scipy.sparse import csr_array, vstack

from tests.bench.recommender.increment import Inverse, draw_histories

RNG = np.random.default_rng(0)
HISTORIES = draw_histories(400, 60, RNG)


def _check(updated: Inverse, histories: csr_array) -> None:
    again = Inverse.of(histories, 20.0)
    assert updated.matrix == pytest.approx(again.matrix, abs=1e-8)
    assert updated.model().weights == pytest.approx(again.model().weights, abs=1e-8)


def test_changed_histories_change_the_model_as_learning_again_does() -> None:
    after = draw_histories(30, 60, RNG)
    _check(Inverse.of(HISTORIES, 20.0).update(HISTORIES[:30], after), vstack([after, HISTORIES[30:]]).tocsr())


def test_new_users_and_those_who_are_gone() -> None:
    nothing, new = csr_array((5, 60)), draw_histories(5, 60, RNG)
    inverse = Inverse.of(HISTORIES, 20.0)
    _check(inverse.update(nothing, new), vstack([HISTORIES, new]).tocsr())
    _check(inverse.update(HISTORIES[:5], nothing), HISTORIES[5:])


def test_new_items() -> None:
    after = draw_histories(10, 63, RNG)
    wider = csr_array((HISTORIES.data, HISTORIES.indices, HISTORIES.indptr), shape=(400, 63))
    _check(Inverse.of(HISTORIES, 20.0).update(HISTORIES[:10], after), vstack([after, wider[10:]]).tocsr())


def test_many_updates_one_after_the_other_stay_exact() -> None:
    inverse, histories = Inverse.of(HISTORIES, 20.0), HISTORIES
    for start in range(0, 400, 20):
        after = draw_histories(20, 60, RNG)
        inverse = inverse.update(histories[start : start + 20], after)
        histories = vstack([histories[:start], after, histories[start + 20 :]]).tocsr()
    _check(inverse, histories)
