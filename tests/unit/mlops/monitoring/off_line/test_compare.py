"""Two versions compared by the clicks on answers that explored, against what they would have earned."""

from datetime import timedelta

import pytest

from mlops.errors.training import Incomparable
from mlops.monitoring.off_line.compare import ClickComparison, compare_clicks
from tests.unit.mlops.monitoring.off_line.explored_shop import BEGIN, CLICKS, KEPT, STRETCH, ExploredShop, make_line
from tests.unit.mlops.serving.recommend.shop import IDS, KEY


def compare(shop: ExploredShop) -> ClickComparison:
    return compare_clicks(shop.versions, shop.pair, shop.records, STRETCH, CLICKS, KEPT, KEY.encode())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_intervals_hold_what_both_versions_would_have_earned(seed: int) -> None:
    shop = ExploredShop(share=0.5, seed=seed)
    found = compare(shop)
    assert (found.versions, found.answers, found.judged, found.users) == ((1, 2), 900, 900, 300)
    assert 350 < found.explored < 550
    assert found.reproduced == 1
    assert found.places == len(shop.expected[1])
    for version, estimate in zip((1, 2), found.clicks, strict=True):
        assert estimate.interval is not None
        assert estimate.interval.low <= shop.value(version) <= estimate.interval.high
    assert found.gain.interval is not None
    gain = shop.value(2) - shop.value(1)
    assert found.gain.interval.low <= gain <= found.gain.interval.high
    # What was shown most often is known best.
    widths = [each.interval.high - each.interval.low for each in found.clicks if each.interval]
    assert widths[0] < widths[1]


def test_more_answers_say_more() -> None:
    shop = ExploredShop(share=0.5, users=1_500, seed=20)
    found = compare(shop)
    assert found.clicks[1].value == pytest.approx(shop.value(2), abs=0.03)
    assert found.gain.value == pytest.approx(shop.value(2) - shop.value(1), abs=0.03)
    assert found.gain.interval is not None
    assert found.gain.interval.high - found.gain.interval.low < 0.1


def test_answers_that_cannot_be_asked_again_are_not_judged() -> None:
    shop = ExploredShop(share=0.5)
    drawn = {"propensities": [0.1] * 3, "explored": True}
    items, at = IDS[:3], BEGIN + timedelta(hours=1)
    shop.write(
        at,
        [
            make_line("a", at, "ab" * 16, items, **drawn, history={"request": 2}),
            make_line("b", at, "ab" * 16, items, **drawn, excluded=1),
            make_line("c", at, "ab" * 16, items, **drawn, unavailable=["recent"]),
            make_line("d", at, None, items, **drawn, history={"training": 1}),
            make_line("e", at, "ab" * 16, items),
        ],
    )
    found = compare(shop)
    assert (found.answers, found.judged) == (905, 900)


def test_somebody_unknown_is_judged_by_what_is_trending() -> None:
    shop = ExploredShop(share=0.5, users=100)
    at = BEGIN + timedelta(hours=1)
    line = make_line("a", at, None, ["i5", "i3", "i1"], propensities=[0.5 + 0.5 / 9] * 3, basis="trending")
    shop.write(at, [line])
    found = compare(shop)
    assert (found.judged, found.users, found.reproduced) == (301, 101, 1)


def test_without_exploration_nothing_is_said() -> None:
    with pytest.raises(Incomparable, match="ExploreShare"):
        compare(ExploredShop(share=0.0, users=20))


def test_answers_that_a_version_may_have_learnt_from_do_not_count() -> None:
    shop = ExploredShop(share=0.5, users=50)
    first, second = shop.pair
    learnt = second.model_copy(update={"until": BEGIN + timedelta(hours=6)})
    found = compare_clicks(shop.versions, (first, learnt), shop.records, STRETCH, CLICKS, KEPT, KEY.encode())
    assert (found.answers, found.judged) == (150, 50)
    late = second.model_copy(update={"until": STRETCH.end})
    with pytest.raises(Incomparable, match="learnt"):
        compare_clicks(shop.versions, (first, late), shop.records, STRETCH, CLICKS, KEPT, KEY.encode())


def test_histories_that_the_records_do_not_have_are_noticed() -> None:
    """With another duration of recent events the histories aren't those that were ranked."""
    shop = ExploredShop(share=0.5, users=50)
    with pytest.raises(Incomparable, match="replaying gives again"):
        compare_clicks(shop.versions, shop.pair, shop.records, STRETCH, CLICKS, timedelta(minutes=1), KEY.encode())
