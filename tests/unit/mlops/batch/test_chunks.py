"""A chunk's rows follow from the model's measured speed; what can't be cut mustn't take a function too long."""

import pytest

from mlops.artifact.names import GOLDEN
from mlops.batch.chunks import Speed, expected_rows, measure_speed
from mlops.batch.scoring import BatchScorer
from mlops.errors.batch import BatchRejected
from mlops.registry.versions import Versions
from tests.unit.mlops.batch.world import MODEL, World
from tests.unit.mlops.serving.artifacts import CONTRACT


@pytest.mark.parametrize(
    ("rows_per_second", "rows"), [(1, 5_000), (1_000, 30_000), (123_456, 3_700_000), (10_000_000, 5_000_000)]
)
def test_a_chunk_takes_half_a_minute_within_bounds(rows_per_second: float, rows: int) -> None:
    assert Speed(rows_per_second, rows_per_second).chunk_rows() == rows


def test_a_file_that_cant_be_cut_is_refused_if_it_takes_ten_minutes() -> None:
    speed = Speed(1_000, 1_000)
    speed.check_whole("s3://data/a.csv.gz", 600_000)
    with pytest.raises(BatchRejected, match=r"a\.csv\.gz can't be cut, and about 700,000 rows take some 700 s"):
        speed.check_whole("s3://data/a.csv.gz", 700_000)
    assert expected_rows(CONTRACT, 12_000, compressed=False) == 1_000
    assert expected_rows(CONTRACT, 12_000, compressed=True) == 4_000


def test_speed_is_measured_on_the_golden_rows(world: World) -> None:
    versions = Versions(world.registry, MODEL)
    manifest = versions.table(1)
    scorer = BatchScorer.load(world.registry, manifest, explain=False)
    speed = measure_speed(scorer, versions.read(manifest, GOLDEN))
    assert 0 < speed.rows < speed.scored


def test_a_large_quoted_or_gzipped_file_is_refused_before_anything_is_scored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlops.batch import plan
    from tests.unit.mlops.batch.world import make_table

    monkeypatch.setattr(plan, "measure_speed", lambda *_: Speed(0.1, 0.1))
    world.put("rows.csv.gz", make_table(2000))
    with pytest.raises(BatchRejected, match="can't be cut"):
        world.plan()
    assert world.objects() == {}
