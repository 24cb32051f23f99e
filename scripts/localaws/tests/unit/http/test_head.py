"""The limit of a request's head: 10,240 bytes of request line and values of headers."""

from __future__ import annotations

from typing import Any

from localaws.http.head import HEADERS_TOO_LARGE, LARGEST_HEAD, URI_TOO_LONG, too_large

# `GET / HTTP/1.1`.
LINE = 14


def request(path: bytes = b"/", query: bytes = b"", *values: bytes) -> dict[str, Any]:
    headers = [(b"x-long-name", value) for value in values]
    return {"method": "GET", "http_version": "1.1", "raw_path": path, "query_string": query, "headers": headers}


def test_a_head_of_the_limit_passes() -> None:
    assert too_large(request(b"/", b"", b"x" * (LARGEST_HEAD - LINE))) is None
    assert too_large(request(b"/" + b"x" * (LARGEST_HEAD - LINE))) is None


def test_values_of_headers_count_together_with_the_line() -> None:
    assert too_large(request(b"/", b"", b"x" * 5000, b"x" * (LARGEST_HEAD - LINE - 4999))) == HEADERS_TOO_LARGE
    assert too_large(request(b"/x", b"", b"x" * (LARGEST_HEAD - LINE))) == HEADERS_TOO_LARGE


def test_a_line_over_the_limit_is_too_long_by_its_path_or_its_query() -> None:
    assert too_large(request(b"/" + b"x" * (LARGEST_HEAD - LINE + 1))) == URI_TOO_LONG
    assert too_large(request(b"/", b"x" * (LARGEST_HEAD - LINE))) == URI_TOO_LONG
    assert too_large(request(b"/", b"x" * (LARGEST_HEAD - LINE - 1))) is None


def test_a_path_that_is_given_with_its_query_counts_once() -> None:
    query = b"q=" + b"x" * 6000
    assert too_large(request(b"/?" + query, query)) is None
