"""A marked value of a column that isn't kept is in no object, whichever way feedback came."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from mlops.errors.serving import InputRejected
from mlops.records.bulk.ingest import FeedbackFile, ingest_file
from mlops.records.truths import read_truths
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, NOON, contents, make_id

MARK = "MARKED"


def everything(store: MemoryStore) -> bytes:
    found = contents(store)
    plain = [gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content for content in found.values()]
    return b"\n".join([*(key.encode() for key in found), *plain])


@pytest.mark.parametrize("by_key", [True, False])
def test_marked_cells_of_a_feedback_file_are_in_no_object(tmp_path: Path, by_key: bool) -> None:
    first = "age" if by_key else "prediction_id"
    names = [str(41), str(42)] if by_key else [make_id(NOON - timedelta(days=1)), "wrong"]
    lines = [f"{first},customer,e-mail,truth,at"]
    for name in names:
        lines += [f"{name},{MARK}-customer,{MARK}@example.com,yes,2026-11-29T11:00:00Z"]
        lines += [f"{name},{MARK}-customer,{MARK}@example.com,maybe,2026-11-29T11:00:00Z"]
        lines += [f"{name},{MARK}-customer,{MARK}@example.com,yes"]
        lines += [f'{name},{MARK}-customer,"{MARK}@example.com,yes,2026-11-29T11:00:00Z']
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines))
    key = ("age", "customer") if by_key else ()
    file = FeedbackFile(
        model=MODEL, contract=CONTRACT, source="feedback/churn/t.csv", path=path, key=key, privacy_key=b"secret"
    )
    store = MemoryStore()
    report = ingest_file(store, file, NOON)
    assert report["stored"] >= 1
    assert report["rejected"]["rows"] >= 4
    assert MARK.encode() not in everything(store)
    assert MARK not in str(report)


def test_a_request_with_further_members_is_refused_without_their_values() -> None:
    body = f'{{"prediction_id": "{make_id(NOON)}", "truth": "yes", "at": "2026-11-29T11:00:00Z", "e-mail": "{MARK}"}}'
    with pytest.raises(InputRejected) as caught:
        read_truths(body.encode(), CONTRACT.target, NOON)
    assert MARK not in str([violation.to_dict() for violation in caught.value.violations])
