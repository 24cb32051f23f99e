from datetime import UTC, datetime

import pytest

from mlops.records.ids import prediction_time
from mlops.serving.ids import make_ids


@pytest.mark.parametrize("count", [1, 40])
def test_the_time_of_an_id_is_when_the_api_made_it(count: int) -> None:
    moment = datetime(2026, 11, 29, 14, 5, 6, 789_000, tzinfo=UTC)
    for name in make_ids(count, now=moment.timestamp):
        assert prediction_time(name) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01a2279b-1688-7108-ae29-d6cfd7f36d1",
        "01A2279B-1688-7108-AE29-D6CFD7F36D18",
        "01a2279b-1688-4108-ae29-d6cfd7f36d18",
        "01a2279b-1688-7108-ce29-d6cfd7f36d18",
        "01a2279b-1688-7108-ae29-d6cfd7f36d18\n",
        "ffffffff-ffff-7108-ae29-d6cfd7f36d18",
    ],
)
def test_what_is_no_version_7_uuid_of_our_time_has_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"isn't a version 7 UUID|after the year 9999"):
        prediction_time(text)
