import random
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest

from mlops.monitoring.windows.ids import parse_ids
from mlops.monitoring.windows.seen import Seen
from mlops.records.ids import prediction_time


def make_ids(count: int, seed: int = 0, hours: int = 24) -> list[str]:
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        stamp = f"{1_790_000_000_000 + draw.randrange(hours * 3_600_000):012x}"
        tail = f"{draw.getrandbits(60):015x}"
        found.append(f"{stamp[:8]}-{stamp[8:]}-7{tail[:3]}-{'89ab'[draw.randrange(4)]}{tail[3:6]}-{tail[3:]}")
    return found


def test_an_id_is_read_as_pythons_own_reader_reads_it_with_its_time() -> None:
    texts = make_ids(500)
    ids, is_id = parse_ids(pa.array(texts))
    assert is_id.all()
    assert [int(high) << 64 | int(low) for high, low in zip(ids.high, ids.low, strict=True)] == [
        UUID(text).int for text in texts
    ]
    assert ids.milliseconds.tolist() == [round(prediction_time(text).timestamp() * 1000) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no id",
        None,
        make_ids(1)[0].upper(),
        make_ids(1)[0][:-1] + "g",
        make_ids(1)[0].replace("-7", "-4", 1),
        make_ids(1)[0][:19] + "c" + make_ids(1)[0][20:],
        make_ids(1)[0].replace("-", "0"),
        "ä" * 18,
    ],
    ids=["empty", "short", "null", "upper case", "no digit", "version 4", "variant c", "no dashes", "two bytes each"],
)
def test_what_is_no_version_7_uuid_in_lower_case_is_left_out(text: str | None) -> None:
    good = make_ids(2, seed=1)
    ids, is_id = parse_ids(pa.chunked_array([[good[0], text], [good[1]]], pa.string()))
    assert is_id.tolist() == [True, False, True]
    assert len(ids) == 2
    nothing, none = parse_ids(pa.array([text], pa.string()))
    assert (len(nothing), none.tolist()) == (0, [False])


def test_a_slice_of_a_longer_column_is_read_as_itself() -> None:
    texts = make_ids(10)
    ids, _ = parse_ids(pa.array(texts).slice(3, 4))
    whole, _ = parse_ids(pa.array(texts))
    assert ids.high.tolist() == whole.high[3:7].tolist()


def test_hashes_are_spread_evenly_over_ids_that_were_made_one_after_the_other() -> None:
    ids, _ = parse_ids(pa.array(make_ids(40_000, hours=1)))
    counts = np.bincount((ids.keys >> np.uint64(60)).astype(int), minlength=16)
    assert abs(counts - 2_500).max() < 250
    assert len(np.unique(ids.keys)) == 40_000


def test_an_id_is_new_once_in_whatever_parts_ids_come() -> None:
    texts = make_ids(3_000)
    draw = random.Random(7)
    again = [*texts, *draw.sample(texts, 500), *texts[:50]]
    draw.shuffle(again)
    seen = Seen()
    new: list[str] = []
    for start in range(0, len(again), 700):
        part = again[start : start + 700]
        ids, _ = parse_ids(pa.array(part))
        new += [text for text, is_new in zip(part, seen.add(ids), strict=True) if is_new]
    assert sorted(new) == sorted(texts)
    nothing, _ = parse_ids(pa.array([], pa.string()))
    assert seen.add(nothing).tolist() == []
