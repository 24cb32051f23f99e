"""A recommender's day: its records → facts, compared with the days before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from mlops.errors.training import SpecInvalid
from mlops.monitoring.archive import Archive
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incidents.champion import describe_move, find_move
from mlops.monitoring.recommendations.catalog import RecommendedItems
from mlops.monitoring.recommendations.click_test import MOST_DAYS, compare_day, is_enough, is_usual
from mlops.monitoring.recommendations.day import load_day
from mlops.monitoring.recommendations.feedback import count_events
from mlops.monitoring.recommendations.incidents import after_recommender_day
from mlops.monitoring.recommendations.responses import Responses
from mlops.monitoring.recommendations.share import Share
from mlops.monitoring.recommender_facts import ClickTestFacts, RecommenderFacts
from mlops.monitoring.state import MonitoringState
from mlops.records.database import open_database
from mlops.records.window import Window
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.spec.click_through import ClickThrough
from mlops.spec.monitoring import Monitoring
from mlops.spec.recommender import RecommenderSpec

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_MEMORY = "800MB"


class RecommenderMonitor:
    """Looks at the days of recommenders, and concludes. A spec that's gone has the ordinary rules."""

    def __init__(self, registry: Store, records: "ObjectStore", load_spec: Callable[[str], RecommenderSpec]) -> None:
        self._registry = registry
        self._records = records
        self._archive = Archive(records)
        self._items = RecommendedItems(records)
        self._load_spec = load_spec

    def conclude(self, state: MonitoringState, day: Window) -> tuple[WindowFacts, MonitoringState]:
        """The facts of a day, and the model's state after it. Raises what reading the registry and records raises."""
        alias = Aliases(self._registry, state.model).read(CHAMPION)
        assert alias is not None
        move = find_move(alias, day.end)
        manifest = Versions(self._registry, state.model).recommender(move.version)
        facts = self.look(manifest, day)
        looked = state.model_copy(update={"daily": day.id})
        rules = self._incident_rules(state.model)
        return facts, after_recommender_day(looked, facts, day.end, manifest, describe_move(move), rules)

    def look(self, manifest: RecommenderManifest, day: Window) -> WindowFacts:
        """The facts of a day of a model with this champion. Looking again finds the same."""
        model, events = manifest.model, manifest.interactions.events
        rules = self._rules(model)
        names = rules.click_names(events), rules.conversion_names(events)
        with open_database(_MEMORY) as connection:
            read = load_day(connection, self._records, model, day, *names)
            facts = self._measure(connection, manifest, day, rules)
        return WindowFacts(
            model=model,
            window=day.id,
            unreadable=read.unreadable,
            damaged=read.damaged,
            recommendations=facts.model_copy(update={"click_names": names[0], "conversion_names": names[1]}),
        )

    def _measure(
        self, connection: DuckDBPyConnection, manifest: RecommenderManifest, day: Window, rules: ClickThrough
    ) -> RecommenderFacts:
        responses = Responses(connection, converts=bool(rules.conversion_names(manifest.interactions.events)))
        champion = responses.of_champion()
        return RecommenderFacts(
            all_answers=responses.of_all(),
            versions=responses.of_versions(),
            bases=responses.of_bases(),
            positions=responses.of_positions(),
            explored=responses.share("explored"),
            unavailable=responses.share("unavailable"),
            unknown_items=responses.share("unknown"),
            catalog=self._items.look(connection, manifest.model, day, manifest.available),
            events=count_events(connection, day),
            test=self._compare(manifest.model, day, champion, rules) if champion else None,
        )

    def _compare(self, model: str, day: Window, champion: Share, rules: ClickThrough) -> ClickTestFacts:
        """The day against the usual ones before it."""
        last = Window.of_day(day.start.date() - timedelta(days=1)).id
        history = self._archive.read_history(model, last, MOST_DAYS)
        tests = [
            (each.window, test) for each in history if each.recommendations and (test := each.recommendations.test)
        ]
        enough = [(name, test) for name, test in tests if is_enough(_share(test), rules)]
        usual = [(name, test) for name, test in enough if is_usual(test)]
        ago = [(day.start - Window.parse(name).start).days for name, _ in usual]
        unusual = sum(not is_usual(test) for _, test in tests)
        return compare_day(champion, [_share(test) for _, test in usual], rules, unusual, ago)

    def _rules(self, model: str) -> ClickThrough:
        try:
            return self._load_spec(model).click_through
        except SpecInvalid:
            return ClickThrough()

    def _incident_rules(self, model: str) -> Monitoring:
        """The spec's rules, without retraining where it learns nothing."""
        try:
            spec = self._load_spec(model)
        except SpecInvalid:
            return Monitoring(retrain=False)
        return spec.monitoring if spec.learning.every_days is not None else replace(spec.monitoring, retrain=False)


def _share(test: ClickTestFacts) -> Share:
    return Share(test.clicks.value, test.error, test.clicks.rows, test.users)
