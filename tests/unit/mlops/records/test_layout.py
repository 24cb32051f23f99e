from datetime import UTC, date, datetime

import pytest

from mlops.records.layout import FEEDBACK, PREDICTION, arrival_time, day_prefix, feedback_key, file_prefix


def test_records_are_partitioned_by_kind_model_and_day() -> None:
    day = date(2026, 11, 29)
    assert day_prefix(PREDICTION, "churn", day) == "records/kind=prediction/model=churn/day=2026-11-29/"
    assert feedback_key("churn", day, "abc") == f"{day_prefix(FEEDBACK, 'churn', day)}abc.json.gz"
    assert file_prefix("churn", "abc") == "feedback-files/model=churn/abc/"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mlops-records-1-2026-11-29-14-05-06-0c3e1f5a-1b2c.json.gz", datetime(2026, 11, 29, 14, 5, 6, tzinfo=UTC)),
        ("mlops-records-1-2026-13-29-14-05-06-0c3e1f5a.json.gz", None),
        ("c0ffee.json.gz", None),
    ],
)
def test_the_name_that_firehose_gives_an_object_says_when_its_first_record_arrived(
    name: str, expected: datetime | None
) -> None:
    assert arrival_time(f"{day_prefix(PREDICTION, 'churn', date(2026, 11, 29))}{name}") == expected
