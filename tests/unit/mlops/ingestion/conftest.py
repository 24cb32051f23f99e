import pytest

from tests.unit.mlops.ingestion.desk import Desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An intake over empty buckets, but for a champion of `churn`."""
    made = Desk(monkeypatch)
    made.train()
    return made
