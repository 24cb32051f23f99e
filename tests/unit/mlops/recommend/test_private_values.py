"""No id of a private user reaches a version's files, a report, the rejected rows, MLflow or a log."""

import itertools
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import obstore
import pytest

from mlops.artifact.names import HISTORIES, HISTORY_INDEX
from mlops.intake.flow import Arrival, Intake
from mlops.intake.log import TrainingLog
from mlops.spec import RecommenderSpec
from mlops.telemetry import make_logger
from tests.model_folders import model_folder
from tests.unit.mlops.intake.test_intake import FakeBucket
from tests.unit.mlops.recommend.bench import Bench, edit, shop_files

MARK = "zqmark"
SPEC = "from tests.unit.mlops.recommend.bench import make_spec\n\nspec = make_spec({})\n"
BROKEN = (
    f"{MARK}9,i0001,2199-01-01T00:00:00Z,view",
    f"{MARK}9,i0001,2025-03-02T00:00:00Z,{MARK[0]}zap",
    f"{MARK * 50},i0001,2025-03-02T00:00:00Z,view",
)

pytestmark = pytest.mark.usefixtures("swift")


class Desk:
    """An intake with everything that it talks to."""

    def __init__(self, root: Path, options: str) -> None:
        for folder in ("mlops", "models"):
            (root / folder).mkdir()
        (root / "models" / "shop.py").write_text(SPEC.format(options))
        self.bucket, self.bench = FakeBucket(), Bench()
        trainer = self.bench.trainer
        self.intake = Intake(
            bucket=self.bucket,
            trainers={RecommenderSpec: trainer},
            now=self.bench.now,
            progress=self.bench.steps.append,
            root=root,
            commit="abc",
        )

    def take(self, content: bytes, name: str = "2026.csv") -> dict[str, object]:
        key = f"datasets/shop/{name}"
        self.bucket.uploads[key, "v"] = content
        arrival, log = Arrival(bucket="data", key=key, s3_version="v"), TrainingLog(make_logger(sys.stdout))
        report = self.intake.take(arrival)
        log.done(arrival, report, 1.0)
        return report

    def written(self) -> dict[str, bytes]:
        """Every object of the two buckets but the datasets; the histories unpacked."""
        listed = [each["path"] for part in obstore.list(self.bench.store) for each in part]
        found = {path: bytes(obstore.get(self.bench.store, path).bytes()) for path in listed}
        for path in [path for path in found if path.endswith(HISTORIES)]:
            places = json.loads(found[path.replace(HISTORIES, HISTORY_INDEX)])["places"]
            shards = [found[path][low:high] for low, high in itertools.pairwise(places)]
            found[path] = b"".join(map(zlib.decompress, shards))
        return {**found, **self.bucket.written, **self.bucket.progress}


type MakeDesk = Callable[[str], Desk]


@pytest.fixture
def make_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeDesk]:
    """Makes a desk whose one spec has some options."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"train-{tmp_path.name}")
    with model_folder(tmp_path / "models"):
        yield lambda options: Desk(tmp_path, options)


def marked() -> bytes:
    """The shop's events, whose users' ids have the mark; a bot, and rows that break the contract."""
    bot = [f"{MARK}bot,i{number % 64:04},{1_740_800_000 + number},view" for number in range(3_000)]
    return edit(shop_files()[0], lambda rows: [*(row.replace("u0", f"{MARK}0", 1) for row in rows), *bot, *BROKEN])


def test_no_users_id_is_written_anywhere(make_desk: MakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    desk = make_desk("")
    report = desk.take(marked())
    assert report["outcome"] == "promoted", report
    assert report["rejected_rows"] == 3_003
    # A dataset that is refused for its rows names them without their users.
    refused = desk.take(edit(marked(), lambda rows: [row.replace(",view", ",zap") for row in rows]), "2027.csv")
    assert refused["outcome"] == "rejected"
    written = desk.written()
    names = {path.rpartition("/")[2] for path in written}
    assert {"card.html", "manifest.json", "histories.bin", "2026.csv.jsonl", "2027.csv.jsonl"} <= names
    assert [path for path, content in written.items() if MARK.encode() in content] == []
    printed = capsys.readouterr()
    assert "dataset rejected" in printed.out
    assert MARK not in printed.out + printed.err


def test_users_that_the_contract_shows_are_found_by_the_same_search(make_desk: MakeDesk) -> None:
    desk = make_desk('user_privacy="keep"')
    assert desk.take(marked())["rejected_rows"] == 3_003
    found = {path.rpartition("/")[2] for path, content in desk.written().items() if MARK.encode() in content}
    assert found == {"2026.csv.jsonl"}
