"""What becomes of simulated releases: a few of those of which `tests/bench/canary.py` has a thousand of each kind."""

import pytest

from tests.bench.canary import RELEASES, simulate


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("equal, retrained", {"promote"}),
        ("5 points worse, retrained", {"withdraw"}),
        ("5 points worse, no shadow", {"withdraw"}),
        ("2 points better, retrained", {"promote"}),
    ],
)
def test_nearly_all_releases_end_as_they_should(name: str, outcomes: set[str]) -> None:
    release = next(each for each in RELEASES if each.name == name)
    decided = [simulate(release, seed)[0] for seed in range(12)]
    right = [each for each in decided if each.outcome in outcomes and "time is up" not in each.reason]
    assert len(right) >= 11, "of the seeds, which are given"


def test_with_little_traffic_an_equal_version_is_undecided() -> None:
    release = next(each for each in RELEASES if each.name == "equal, 40 requests a day")
    reasons = [simulate(release, seed)[0].reason for seed in range(12)]
    assert all(reason.startswith("its time is up, and nothing is decided") for reason in reasons)
