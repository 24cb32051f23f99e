import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.errors.serving import BodyTooLarge, BodyUnreadable, InputRejected
from mlops.records.truths import CLOCK_SKEW, MAX_TRUTHS, Truth, read_truths
from tests.unit.mlops.records.bucket import CONTRACT, NOON, REGRESSION, make_id

ID = make_id(NOON - timedelta(days=2))


def given_truth(**changes: Any) -> dict[str, Any]:
    return {"prediction_id": ID, "truth": "yes", "at": "2026-11-29T11:00:00Z"} | changes


def read(document: Any, contract: Any = CONTRACT) -> list[Truth]:
    return read_truths(json.dumps(document).encode(), contract.target, NOON)


def rules(document: Any, contract: Any = CONTRACT) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(InputRejected) as caught:
        read(document, contract)
    return [(each.rule, each.row, each.column) for each in caught.value.violations]


def test_one_truth_and_a_list_of_one_are_the_same() -> None:
    expected = [Truth(ID, "yes", datetime(2026, 11, 29, 11, tzinfo=UTC))]
    assert read(given_truth()) == read({"truths": [given_truth()]}) == expected


def test_a_time_is_taken_with_any_zone_and_kept_in_utc() -> None:
    for text in (
        "2026-11-29T12:00:00+01:00",
        "2026-11-29 11:00Z",
        "2026-11-29T11:00:00.000000-00:00",
        "2026-11-29T06:30:00-0430",
    ):
        (truth,) = read(given_truth(at=text))
        assert truth.at == datetime(2026, 11, 29, 11, tzinfo=UTC)
        assert truth.at.tzinfo == UTC


def test_an_id_is_kept_in_lower_case() -> None:
    assert read(given_truth(prediction_id=ID.upper()))[0].prediction_id == ID


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"truth": "maybe"}, "label"),
        ({"truth": 1}, "label"),
        ({"truth": True}, "label"),
        ({"truth": None}, "label"),
        ({"truth": ["yes"]}, "label"),
        ({"at": "2026-11-29"}, "undated"),
        ({"at": "2026-11-29T11:00:00"}, "undated"),
        ({"at": "2026-11-31T11:00:00Z"}, "undated"),
        ({"at": "2026-11-29T25:00:00Z"}, "undated"),
        ({"at": "2026-11-29T11:00:00+99:99"}, "undated"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "undated"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "future"),
        ({"at": 1_764_000_000}, "undated"),
        ({"at": None}, "undated"),
        ({"at": (NOON + CLOCK_SKEW + timedelta(seconds=1)).isoformat()}, "future"),
        ({"prediction_id": "x"}, "prediction_id"),
        ({"prediction_id": 7}, "prediction_id"),
        ({"prediction_id": "01a2279b-1688-4108-ae29-d6cfd7f36d18"}, "prediction_id"),
        ({"prediction_id": make_id(NOON + timedelta(hours=1))}, "prediction_id"),
        ({"prediction_id": "00000000-0001-7000-8000-000000000000"}, "prediction_id"),
        ({"inputs": {}}, "unknown"),
    ],
)
def test_a_truth_that_breaks_a_rule_is_named_by_rule_position_and_member(change: dict[str, Any], rule: str) -> None:
    column = next(iter(change))
    assert rules({"truths": [given_truth(), given_truth(**change)]}) == [(rule, 1, column)]


def test_clocks_may_be_ahead_by_a_little() -> None:
    ahead = NOON + CLOCK_SKEW
    assert read(given_truth(at=ahead.isoformat(), prediction_id=make_id(ahead)))[0].at == ahead


@pytest.mark.parametrize("missing", ["prediction_id", "truth", "at"])
def test_each_member_is_needed(missing: str) -> None:
    document = given_truth()
    del document[missing]
    assert rules({"truths": [document]}) == [("missing", 0, missing)]


@pytest.mark.parametrize("number", [1, -2.5, 0, 1e300])
def test_a_number_is_the_truth_of_a_regressor(number: float) -> None:
    assert read(given_truth(truth=number), REGRESSION)[0].truth == float(number)


@pytest.mark.parametrize(("value", "rule"), [("1", "number"), (True, "number"), (None, "number"), (10**400, "finite")])
def test_what_is_no_finite_number_is_refused(value: Any, rule: str) -> None:
    assert rules(given_truth(truth=value), REGRESSION) == [(rule, 0, "truth")]


@pytest.mark.parametrize("body", [b"", b"{", b'{"truth": NaN}', b"\xff", b'{"truth": Infinity}'])
def test_a_body_that_is_no_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        read_truths(body, CONTRACT.target, NOON)


@pytest.mark.parametrize(
    "document", [[], "x", 1, None, {"truths": []}, {"truths": {}}, {"truths": [1]}, {"truths": [], "x": 1}]
)
def test_a_body_of_another_shape_is_refused(document: Any) -> None:
    assert rules(document)


def test_a_request_has_at_most_500_truths() -> None:
    assert len(read({"truths": [given_truth()] * MAX_TRUTHS})) == 500
    with pytest.raises(BodyTooLarge, match="500 truths"):
        read({"truths": [given_truth()] * (MAX_TRUTHS + 1)})


def test_violations_are_counted_whole_and_listed_to_a_limit() -> None:
    with pytest.raises(InputRejected) as caught:
        read({"truths": [given_truth(truth="?", at="?")] * 400})
    assert (len(caught.value.violations), caught.value.total) == (100, 800)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda deeper: st.lists(deeper) | st.dictionaries(st.text(), deeper),
    )
)
def test_any_json_is_taken_or_refused_by_name(document: Any) -> None:
    with pytest.raises((InputRejected, BodyUnreadable)):
        read_truths(json.dumps(document).encode(), CONTRACT.target, NOON)
