"""A run's prediction ids: version 7 UUIDs that follow from the run, the file and the row, and from nothing else."""

from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from mlops.batch.ids import MAX_FILES, MAX_ROWS, write_ids
from mlops.records.ids import PREDICTION_ID, prediction_time

PLANNED = datetime(2026, 11, 29, 12, 0, 0, 123_000, tzinfo=UTC)
RUN = "0123456789abcdef"


def ids(run: str = RUN, file: int = 0, *rows: int) -> list[str]:
    found: list[str] = write_ids(run, PLANNED, file, np.array(rows, np.int64)).to_pylist()
    return found


def test_ids_are_version_7_uuids_with_the_time_of_the_plan() -> None:
    for each in ids(RUN, 3, 0, 1, 2**20, MAX_ROWS - 1):
        assert PREDICTION_ID.fullmatch(each)
        assert (UUID(each).version, str(UUID(each))) == (7, each)
        assert prediction_time(each) == PLANNED


def test_no_two_rows_files_or_runs_have_the_same_id_and_a_row_has_always_the_same() -> None:
    rows = (0, 1, 255, 256, 2**32, MAX_ROWS - 1)
    found = [
        each
        for run in (RUN, "1123456789abcdef", "0123456f89abcdef"[:3] + "aaa" + RUN[6:])
        for file in (0, 1, 255, 256, MAX_FILES - 1)
        for each in ids(run, file, *rows)
    ]
    assert len({*found}) == len(found) == 3 * 5 * 6
    assert ids(RUN, 7, *rows) == ids(RUN, 7, *rows)
    assert ids(RUN, 7, *rows) == [ids(RUN, 7, row)[0] for row in rows]


def test_ids_of_a_file_ascend_with_its_rows() -> None:
    found = ids(RUN, 5, *range(0, 10_000, 97))
    assert found == sorted(found)
    assert ids(RUN, 5) == []
