"""The card of a recommender says what people ask, needs nothing but itself, and is the same each time."""

import re
from html.parser import HTMLParser

import pytest

from mlops.artifact.names import CARD, EVIDENCE
from mlops.recommend.artifacts.card import Card, rank_candidates, write_card
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.manifest.search import Search, Trial
from tests.unit.mlops.recommend.bench import Bench, make_spec, other_code, shop_files

pytestmark = pytest.mark.usefixtures("swift")


@pytest.fixture
def bench() -> Bench:
    """A champion, and a version that was compared with it."""
    bench = Bench(catalog=shop_files()[1])
    spec = make_spec(description="Suggests things.", uses=("In the shop.",), cautions=("Not at night.",))
    bench.train(spec=spec)
    bench.train(spec=spec, code=other_code(2))
    return bench


def card_of(bench: Bench, number: int) -> str:
    return bench.versions.read(bench.versions.recommender(number), CARD).decode()


SECTIONS = (
    "What it recommends",
    "Intended use and limits",
    "How good it is",
    "Candidates",
    "On each slice",
    "Gates",
    "Compared with the champion, version 1",
    "Plots",
    "Events",
    "Data and lineage",
)


def test_a_card_has_every_section_in_order(bench: Bench) -> None:
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", card_of(bench, 2))
    assert found == [*SECTIONS]
    assert [each for each in SECTIONS if "champion" not in each] == re.findall(
        r"<h2[^>]*>(.*?)</h2>", card_of(bench, 1)
    )


def test_what_people_ask_first_is_on_the_card(bench: Bench) -> None:
    card, manifest = card_of(bench, 2), bench.versions.recommender(2)
    for text in (
        "✓ Accepted: every gate passed",
        "Suggests things.",
        "Not at night.",
        f"10 of {manifest.available:,} items",
        f"{manifest.estimates['ndcg'].value:.3f}",
        "Popularity bias",
        "the champion&#39;s procedure, fitted to the same interactions",
        "dislikes the item",
        "s3://data/catalogs/shop/items.csv (64 items",
        manifest.dataset.sha256,
        "The user's id is a keyed hash in logs",
    ):
        assert text in card, text
    assert card.count("<svg") == 3


def test_a_card_needs_nothing_but_itself(bench: Bench) -> None:
    class Loads(HTMLParser):
        found: tuple[str, ...] = ()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag in ("script", "link", "img", "iframe"):
                self.found = (*self.found, tag)
            self.found += tuple(
                str(value) for name, value in attrs if name in ("src", "href") and value and value[0] != "#"
            )

    parser = Loads()
    parser.feed(card_of(bench, 2))
    assert parser.found == ()


def test_a_card_is_the_same_each_time_it_is_written(bench: Bench) -> None:
    manifest = bench.versions.recommender(2)
    before = RecommenderManifest.model_validate_json(bench.versions.read(manifest, EVIDENCE))
    card = Card(before, "", (), (), ())
    assert write_card(card) == write_card(card)


def test_candidates_are_ranked_by_their_best_trial_and_failures_come_last() -> None:
    def trial(number: int, candidate: str, score: float | None) -> Trial:
        return Trial(
            number=number,
            candidate=candidate,
            parameters={},
            folds=(),
            score=score,
            pruned=False,
            seconds=1,
            failure="it broke" if score is None else None,
        )

    trials = (trial(0, "ials", None), trial(1, "ease", 0.2), trial(2, "ease", 0.4), trial(3, "popularity", 0.3))
    search = Search(metric="ndcg", trials=trials, winner=2, reason="best", rows=9, ended="space")
    found = [(leader.trial.candidate, leader.trial.number, leader.trials) for leader in rank_candidates(search)]
    assert found == [("ease", 2, 2), ("popularity", 3, 1), ("ials", 0, 1)]
