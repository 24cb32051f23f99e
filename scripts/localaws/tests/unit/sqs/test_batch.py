"""Partial batch answers, by AWS's rules."""

from __future__ import annotations

import pytest

from localaws.sqs.batch import failed_ids

SENT = ["a", "b", "c"]


@pytest.mark.parametrize(
    "answer",
    ["", "null", "{}", '{"batchItemFailures": []}', '{"batchItemFailures": null}'],
)
def test_a_result_without_failures_means_success(answer: str) -> None:
    assert failed_ids(answer.encode(), SENT) == set()


def test_the_named_messages_failed() -> None:
    answer = b'{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "c"}]}'
    assert failed_ids(answer, SENT) == {"a", "c"}


@pytest.mark.parametrize(
    "answer",
    [
        '{"batchItemFailures": [{"itemIdentifier": "nobody"}]}',
        '{"batchItemFailures": [{"itemIdentifier": ""}]}',
        '{"batchItemFailures": [{"itemIdentifier": null}]}',
        '{"batchItemFailures": [{"wrongKey": "a"}]}',
        '{"batchItemFailures": ["a"]}',
        '{"batchItemFailures": "a"}',
        '{"other": 1}',
        '"text"',
        "[1]",
    ],
)
def test_an_invalid_result_fails_the_whole_batch(answer: str) -> None:
    assert failed_ids(answer.encode(), SENT) == set(SENT)
