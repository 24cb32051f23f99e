"""The body is what its headers say: gzip is unpacked within the limits, and other codings are refused."""

import gzip
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops.serving.body import MAX_MEMBERS
from tests.unit.mlops.serving.artifacts import ROWS, probability
from tests.unit.mlops.serving.harness import Answer, Api

NAMES = list(ROWS[0])
FRAME = {"dataframe_split": {"columns": NAMES, "data": [list(row.values()) for row in ROWS]}}
TENSORS = [
    {"name": name, "datatype": "FP64", "shape": [len(ROWS)], "data": [row[name] for row in ROWS]} for name in NAMES
]
TABLE = "\n".join([",".join(NAMES), *(",".join(map(str, row.values())) for row in ROWS)])
# path, body, media type
DOORS: dict[str, tuple[str, str, str]] = {
    "predict": ("/predict", json.dumps({"rows": ROWS}), "application/json"),
    "a version": ("/models/diagnosis/versions/1/predict", json.dumps({"rows": ROWS}), "application/json"),
    "MLflow": ("/invocations", json.dumps(FRAME), "application/json"),
    "CSV": ("/invocations", TABLE, "text/csv"),
    "V2": ("/v2/models/diagnosis/infer", json.dumps({"inputs": TENSORS}), "application/json"),
}
EXPECTED = [probability(row) for row in ROWS]


def post(api: Api, door: str, body: bytes, coding: str) -> Answer:
    path, _, media_type = DOORS[door]
    return api.ask("POST", path, body, content_type=media_type, content_encoding=coding)


def chances(answer: Answer) -> list[float]:
    assert answer.status == 200, answer.body
    if "outputs" in answer.json:
        (found,) = [each["data"] for each in answer.json["outputs"] if each["name"] == "probabilities"]
        return list(found[1::2])
    return [each["probabilities"]["malignant"] for each in answer.json["predictions"]]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", " gzip ", "identity, gzip", "gzip,", "identity", "", ","])
def test_gzip_and_identity_have_the_answer_of_the_plain_body(api: Api, door: str, coding: str) -> None:
    plain = DOORS[door][1].encode()
    body = gzip.compress(plain) if "gzip" in coding.lower() else plain
    assert chances(post(api, door, body, coding)) == pytest.approx(EXPECTED, abs=1e-12)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "compress", "gzip, gzip", "gzip, br", "*", "x" * 5_000])
def test_another_coding_is_415_and_says_which_is_taken(api: Api, door: str, coding: str) -> None:
    answer = post(api, door, b"\x0b\x02\x80{}\x03", coding)
    assert (answer.status, answer.headers["content-type"]) == (415, "application/problem+json")
    assert answer.headers["accept-encoding"] == "gzip"
    assert answer.json["type"] == "urn:mlops:problem:content-coding-unsupported"
    assert coding[:80] in answer.json["detail"]
    assert len(answer.body) < 1_000
    (line, metrics) = api.printed()
    assert (line["record"], line["reason"]) == ("rejection", "ContentCodingUnsupported")
    assert metrics["InputRejected"] == 1


def test_binary_tensors_may_be_packed_and_the_length_of_the_json_is_that_of_the_unpacked_body(api: Api) -> None:
    sizes = {"parameters": {"binary_data_size": 8 * len(ROWS)}}
    inputs = [{"name": name, "datatype": "FP64", "shape": [len(ROWS)], **sizes} for name in NAMES]
    head = json.dumps({"inputs": inputs}).encode()
    values = b"".join(np.array([row[name] for row in ROWS]).tobytes() for name in NAMES)
    packed = {"content_encoding": "gzip", "inference_header_content_length": str(len(head))}
    answer = api.ask("POST", "/v2/models/diagnosis/infer", gzip.compress(head + values), **packed)
    assert chances(answer) == pytest.approx(EXPECTED, abs=1e-12)


def test_a_body_of_several_members_is_their_contents_in_order(api: Api) -> None:
    plain = DOORS["predict"][1].encode()
    members = b"".join(gzip.compress(plain[start : start + 100]) for start in range(0, len(plain), 100))
    assert chances(post(api, "predict", members, "gzip")) == pytest.approx(EXPECTED, abs=1e-12)


PLAIN = DOORS["predict"][1].encode()
PACKED = gzip.compress(PLAIN)
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "not gzip": PLAIN,
    "zlib's own form": zlib.compress(PLAIN),
    "cut off in its header": PACKED[:5],
    "cut off in its content": PACKED[: len(PACKED) // 2],
    "cut off in its checksum": PACKED[:-1],
    "a wrong checksum": PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:],
    "something after its end": PACKED + b"{}",
    "a second member cut off": PACKED + PACKED[:12],
    "empty members": gzip.compress(b"") * (MAX_MEMBERS + 1),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_gzip_is_400(api: Api, kind: str) -> None:
    answer = post(api, "predict", BROKEN[kind], "gzip")
    assert (answer.status, answer.json["type"]) == (400, "urn:mlops:problem:body-unreadable")
    assert "gzip" in answer.json["detail"]


def test_gzip_within_gzip_is_what_the_header_says_and_so_not_json(api: Api) -> None:
    answer = post(api, "predict", gzip.compress(PACKED), "gzip")
    assert (answer.status, "valid JSON" in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize("members", [1, 100])
def test_a_bomb_is_refused_for_little_time_and_memory(api: Api, members: int) -> None:
    bomb = gzip.compress(b"[" + b" " * (400_000_000 // members)) * members
    tracemalloc.start()
    started = time.process_time()
    answer = post(api, "predict", bomb, "gzip")
    took = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status, "6,000,000 bytes unpacked" in answer.json["detail"]) == (413, True)
    assert took < 0.5
    assert peak < 30_000_000


def test_a_body_may_have_the_limit_unpacked_and_not_one_byte_more(open_api: Callable[..., Api], api: Api) -> None:
    exact = open_api(max_body_bytes=len(PLAIN))
    assert chances(post(exact, "predict", PACKED, "gzip")) == pytest.approx(EXPECTED, abs=1e-12)
    small = open_api(max_body_bytes=len(PLAIN) - 1)
    assert post(small, "predict", PACKED, "gzip").status == 413


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(max_size=40), min_size=1, max_size=5),
    st.integers(0, 9),
    st.one_of(st.none(), st.tuples(st.integers(0, 10_000), st.integers(0, 255))),
)
def test_any_gzip_whole_or_damaged_is_answered_as_what_it_holds_or_refused(
    api: Api, parts: list[bytes], level: int, damage: tuple[int, int] | None
) -> None:
    packed = bytearray(b"".join(gzip.compress(part, level, mtime=0) for part in parts))
    if damage is not None:
        packed[damage[0] % len(packed)] = damage[1]
    answer = post(api, "predict", bytes(packed), "gzip")
    if damage is None:
        assert answer.json["detail"] == post(api, "predict", b"".join(parts), "identity").json["detail"]
    assert answer.status in (400, 413, 422)
    api.printed()
