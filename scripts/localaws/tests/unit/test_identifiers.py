from __future__ import annotations

import re
import uuid

from localaws.identifiers import new_request_id, new_trace


def test_a_request_id_is_a_random_uuid() -> None:
    ids = {new_request_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {uuid.UUID(each).version for each in ids} == {4}
    assert all(str(uuid.UUID(each)) == each for each in ids)


def test_a_trace_is_an_x_ray_header() -> None:
    traces = {new_trace() for _ in range(1000)}
    assert len(traces) == 1000
    assert all(re.fullmatch(r"Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=0", each) for each in traces)
