import numpy as np
import pytest

from mlops.monitoring.windows.sample import LeastSample


@pytest.mark.parametrize("part", [1, 7, 400, 1_000])
def test_the_sample_has_the_rows_of_the_least_hashes_in_whatever_parts_they_come(part: int) -> None:
    rng = np.random.default_rng(part)
    keys = rng.integers(0, 2**63, 1_000).astype(np.uint64)
    sample = LeastSample[int](50)
    for start in range(0, 1_000, part):
        rows = range(start, min(start + part, 1_000))
        sample.offer(keys[rows], lambda places, rows=rows: [rows[place] for place in places])  # type: ignore[misc]
    assert sample.rows() == np.argsort(keys)[:50].tolist()


def test_a_row_that_comes_again_is_one_row() -> None:
    sample = LeastSample[str](3)
    keys = np.array([5, 2, 9], np.uint64)
    for _ in range(2):
        sample.offer(keys, lambda places: [f"row {place}" for place in places])
    assert sample.rows() == ["row 1", "row 0", "row 2"]


def test_rows_that_cannot_come_in_are_not_picked() -> None:
    sample = LeastSample[int](2)
    sample.offer(np.arange(10, dtype=np.uint64), lambda places: places.tolist())
    assert sample.rows() == [0, 1]
    picked: list[int] = []

    def pick(places: np.typing.NDArray[np.intp]) -> list[int]:
        picked.extend(places.tolist())
        return picked

    sample.offer(np.array([50, 1, 70], np.uint64), pick)
    assert picked == [1]
