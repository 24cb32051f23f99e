"""The story of a run: for each model its due windows, oldest first, what follows from them, and what is announced.

A run may be repeated, killed anywhere, missed, or happen beside another: the state moves by conditional writes, and
everything else follows from it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from mlops.artifact.names import TRAINING_REPORT
from mlops.errors.monitoring import MonitoringMoved
from mlops.errors.registry import ArtifactInvalid, VersionNotFound
from mlops.errors.training import SpecInvalid
from mlops.monitoring.archive import Archive
from mlops.monitoring.canary.news import after_moves, unreported
from mlops.monitoring.canary.trials import Canaries
from mlops.monitoring.canary_facts import CanaryFacts
from mlops.monitoring.due import next_day, next_window
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident, Retraining
from mlops.monitoring.incidents.champion import Champion, find_move
from mlops.monitoring.incidents.rules import after_day
from mlops.monitoring.learning.incident import learn_for
from mlops.monitoring.learning.learner import Learned, Learner
from mlops.monitoring.log import MonitoringLog
from mlops.monitoring.next_training import plan_learning, plan_retraining
from mlops.monitoring.outbox import Outbox
from mlops.monitoring.recommendations.day import LATE
from mlops.monitoring.retraining.assembly import Assembly
from mlops.monitoring.retraining.progress import after_collecting, after_training
from mlops.monitoring.state import Held, MonitoringState, NextTraining, States
from mlops.records.window import Window
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases
from mlops.registry.manifest.manifest import RECOMMENDER
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions, list_models
from mlops.spec import ModelSpec
from mlops.spec.monitoring import Monitoring
from mlops.tracking.mirror import Mirror, register_version

if TYPE_CHECKING:
    from mlops.monitoring.windows.monitor import Look, State

_HISTORY = 90  # days that a report shows


class Looks(Protocol):
    """Looks at windows: mlops.monitoring.windows has it."""

    def look(self, model: str, window: Window, state: "State | None") -> "Look":
        """The facts of a window, and the state that the next look goes on from."""


class RecommenderLooks(Protocol):
    """Looks at days of recommenders: mlops.monitoring.recommendations has it."""

    def conclude(self, state: MonitoringState, day: Window) -> tuple[WindowFacts, MonitoringState]:
        """The facts of a day, and the model's state after it."""


@dataclass
class Progress:
    """What a run did to a model: the windows that it looked at, and the incident that's open afterwards."""

    model: str
    windows: list[str] = field(default_factory=list)
    incident: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class MonitoringRun:
    """One run. `delay` is how long records take to arrive, `seconds_left` how long the run may still last.

    `render` makes the page of a day from the facts of the last days, oldest first, and the model's incidents. `mirror`
    records a day's figures elsewhere, and returns the reason if that failed: monitoring goes on without.
    `registry_mirror` gets the champions that canaries make.
    """

    registry: Store
    archive: Archive
    states: States
    looks: Looks
    recommender_looks: RecommenderLooks
    restart_tests: "Callable[[State, int], State]"
    render: Callable[[Sequence[WindowFacts], Sequence[Incident]], bytes]
    mirror: Callable[[WindowFacts], str | None]
    load_spec: Callable[[str], ModelSpec]
    assembly: Assembly
    learner: Learner
    canaries: Canaries
    registry_mirror: Mirror
    outbox: Outbox
    log: MonitoringLog
    delay: timedelta
    seconds_left: Callable[[], float]

    def run(self, now: datetime, models: Iterable[str] | None = None) -> list[Progress]:
        """Monitor the models, all by default, at a time. Raises the errors of models, after the others' turn."""
        done, errors = [], []
        for model in models or list_models(self.registry):
            progress = Progress(model)
            try:
                self._monitor(progress, now)
            except Exception as error:  # noqa: BLE001 - raised at the end, after the other models' turn
                self.log.failed(model, error)
                errors.append(error)
                progress.error = type(error).__name__
            done.append(progress)
        if errors:
            raise ExceptionGroup(f"{len(errors)} of {len(done)} models couldn't be monitored", errors)
        self.log.completed(len(done))
        return done

    def _monitor(self, progress: Progress, now: datetime) -> None:
        model = progress.model
        alias = Aliases(self.registry, model).find(CHAMPION)
        if alias is None:
            return
        recommends = self._is_recommender(model, alias.version)
        errors: list[Exception] = []
        held = self._settle(self.states.load(model), now, errors)
        while self.seconds_left() > 0:
            window = self._next(held.state, alias, now, recommends=recommends)
            if window is None:
                break
            try:
                held = self._take_recommendations(held, window) if recommends else self._take(held, window)
                progress.windows.append(window.id)
            except MonitoringMoved:
                held = self.states.load(model)
            held = self._settle(held, now, errors)
        # After the windows: a canary's whole time is read, and none of them may be kept from its turn by that.
        if not recommends and self.seconds_left() > 0:
            held = self._look_at_canary(held, now, errors)
        incident = held.state.open_incident
        progress.incident = incident.id if incident else None
        if recommends:
            self._learn(held.state, Versions(self.registry, model).recommender(alias.version), now, errors)
        else:
            self._announce_training(
                held.state, plan_retraining(held.state, alias.version, self._rules(model), self.delay)
            )
        if errors:
            raise ExceptionGroup(f"{model}: windows are looked at, and not all that follows could be done", errors)

    def _look_at_canary(self, held: Held, now: datetime, errors: list[Exception]) -> Held:
        """Look at the model's canary, and announce what anybody did with one since the last run."""
        model = held.state.model
        try:
            facts = self.canaries.look(model, now)
            if facts:
                self.log.tried(facts)
            return self._report_canaries(held, facts)
        except Exception as error:  # noqa: BLE001 - the run raises it at its end
            self.log.failed(model, error)
            errors.append(error)
            return self.states.load(model)

    def _report_canaries(self, held: Held, facts: CanaryFacts | None) -> Held:
        model, aliases = held.state.model, Aliases(self.registry, held.state.model)
        challenger, champion = aliases.find(CHALLENGER), self._champion_alias(held.state.model)
        moves = unreported(held.state, challenger)
        if challenger is None or not moves:
            return held
        if any(move.action == "acceptance" for move in moves):
            register_version(self.registry_mirror, Versions(self.registry, model).table(champion.version), aliases)
        held = self.states.update(model, lambda state: after_moves(state, challenger, champion, facts))
        return self.outbox.drain(held)

    def _is_recommender(self, model: str, version: int) -> bool:
        """Whether a model's version is a recommender; one that can't be read is taken for a table's, and reported."""
        try:
            return Versions(self.registry, model).manifest(version).kind == RECOMMENDER
        except (VersionNotFound, ArtifactInvalid):
            return False

    def _next(self, state: MonitoringState, alias: Alias, now: datetime, *, recommends: bool) -> Window | None:
        first = alias.history[0].at
        # Whoever is shown something just before midnight clicks after it.
        return (
            next_day(state, first, now, self.delay + LATE) if recommends else next_window(state, first, now, self.delay)
        )

    def _announce_training(self, state: MonitoringState, planned: NextTraining | None) -> None:
        """Note when the model may be trained again by itself, where that's news."""
        if state.next_training != planned:
            self.states.update(state.model, lambda now: now.model_copy(update={"next_training": planned}))

    def _learn(
        self, state: MonitoringState, manifest: RecommenderManifest, now: datetime, errors: list[Exception]
    ) -> None:
        """Make the dataset of a recommender's events that is due by now, if one is, and note when the next one is."""
        try:
            learned = self._try_learning(manifest, now)
            self._announce_training(state, plan_learning(self.learner, manifest, learned))
        except Exception as error:  # noqa: BLE001 - the run raises it at its end
            self.log.failed(manifest.model, error)
            errors.append(error)

    def _try_learning(self, manifest: RecommenderManifest, now: datetime) -> Learned | None:
        try:
            learned = self.learner.learn(manifest, now)
        except SpecInvalid as error:
            learned = Learned(refused=str(error))
        if learned:
            self.log.learned(manifest.model, learned)
        return learned

    def _take(self, held: Held, window: Window) -> Held:
        """Look at a window and write what's found; the state after it. Raises MonitoringMoved."""
        model = held.state.model
        found = self.looks.look(model, window, held.state.looks)
        if window == Window.of_day(window.start.date()):
            state = held.state.model_copy(update={"looks": found.state, "daily": window.id})
            state = self._draw_conclusions(state, found.facts, window)
            self._publish(found.facts, state, window)
        else:
            state = held.state.model_copy(update={"looks": found.state, "hourly": window.id})
            self.archive.write_facts(found.facts)
        held = self.states.save(held, state)
        self.log.looked(found.facts, state.open_incident)
        return held

    def _take_recommendations(self, held: Held, day: Window) -> Held:
        """Look at a recommender's day and write what's found; the state after it. Raises MonitoringMoved."""
        facts, state = self.recommender_looks.conclude(held.state, day)
        self._publish(facts, state, day)
        held = self.states.save(held, state)
        self.log.looked(facts, state.open_incident)
        return held

    def _draw_conclusions(self, state: MonitoringState, facts: WindowFacts, window: Window) -> MonitoringState:
        """What follows from a day: an incident opens, goes on, or is over; then its version's loss tests restart."""
        champion = self._find_champion(state.model, window.end)
        before = state.open_incident
        state = after_day(state, facts, window.end, champion, self._rules(state.model))
        if before and state.open_incident is None and state.looks is not None:
            state = state.model_copy(update={"looks": dict(self.restart_tests(state.looks, before.version))})
        return state

    def _publish(self, facts: WindowFacts, state: MonitoringState, window: Window) -> None:
        """Write a day's facts and its page, with the incidents by then."""
        incidents = self._incidents_by(state, window)
        self.archive.write_facts(facts, incidents)
        self._draw_page(state, window)
        if reason := self.mirror(facts):
            self.log.not_mirrored(facts, reason)

    def _incidents_by(self, state: MonitoringState, window: Window) -> list[Incident]:
        """The model's incidents that were opened by the end of a window, oldest first."""
        current = [state.incident] if state.incident else []
        earlier = self.archive.read_incidents(state.model, before=window.end)
        return [*(each for each in earlier if each.id not in {now.id for now in current}), *current]

    def _draw_page(self, state: MonitoringState, window: Window) -> None:
        """Write a day's page, from the facts of the days before it and of its own."""
        history = self.archive.read_history(state.model, window.id, _HISTORY)
        self.archive.write_report(state.model, window.id, self.render(history, self._incidents_by(state, window)))

    def _settle(self, held: Held, now: datetime, errors: list[Exception]) -> Held:
        """Bring everything in line with the state. What fails is tried again later, and keeps nothing else from it."""
        steps: Sequence[Callable[[Held], Held]] = (
            lambda held: self._follow_training(held, now),
            self._show_incident,
            self.outbox.drain,
            self._collect,
            self._show_incident,
            self.outbox.drain,
        )
        for step in steps:
            try:
                held = step(held)
            except Exception as error:  # noqa: BLE001 - the run raises it at its end
                self.log.failed(held.state.model, error)
                errors.append(error)
                held = self.states.load(held.state.model)
        return held

    def _show_incident(self, held: Held) -> Held:
        """Where the incident has gone on: draw the last day's page again, and write the incident.

        The page comes first: a run that's killed between the two does both again.
        """
        state = held.state
        if state.incident is None or self.archive.has_incident(state.incident):
            return held
        if state.daily:
            self._draw_page(state, Window.parse(state.daily))
        self.archive.write_incident(state.incident)
        return held

    def _follow_training(self, held: Held, now: datetime) -> Held:
        """Note what training reported on the incident's dataset."""
        incident = held.state.incident
        retraining = incident.retraining if incident else None
        if retraining is None or retraining.key is None or retraining.outcome not in (None, "no report"):
            return held
        report = self.assembly.bucket.read_json(f"{retraining.key}{TRAINING_REPORT}")
        champion = self._champion_alias(held.state.model).version
        return self.states.update(held.state.model, lambda state: after_training(state, report, champion, now))

    def _collect(self, held: Held) -> Held:
        """Assemble the incident's dataset, and note what came of it."""
        state, incident, until = held.state, held.state.open_incident, held.state.collect_until
        if incident is None or until is None:
            return held
        retraining, waiting = self._assemble(incident, until)
        self.log.collected(incident, retraining, waiting)
        return self.states.update(state.model, lambda current: after_collecting(current, retraining, waiting, until))

    def _assemble(self, incident: Incident, until: datetime) -> tuple[Retraining | None, str | None]:
        try:
            if self._is_recommender(incident.model, incident.version):
                champion = self._champion_alias(incident.model).version
                return learn_for(self.learner, Versions(self.registry, incident.model).recommender(champion), until)
            spec = self.load_spec(incident.model)
        except SpecInvalid as error:
            return Retraining(refused=str(error), until=until), None
        manifest = Versions(self.registry, incident.model).table(incident.version)
        assembled = self.assembly.assemble(incident, manifest, spec, self._labelled_since(incident, manifest), until)
        return (None, assembled) if isinstance(assembled, str) else (assembled, None)

    def _labelled_since(self, incident: Incident, manifest: Any) -> datetime:
        """From when on truth isn't in the version's dataset: an incident's dataset has all up to its own time."""
        made_by = manifest.dataset.incident
        for earlier in self.archive.read_incidents(incident.model):
            if earlier.id == made_by and earlier.retraining and earlier.retraining.until:
                return earlier.retraining.until
        created: datetime = manifest.created_at
        return min(created, incident.opened_at)

    def _find_champion(self, model: str, moment: datetime) -> Champion:
        """What served at a moment, so that a run that catches up with a day concludes what it would have then."""
        move = find_move(self._champion_alias(model), moment)
        return Champion(Versions(self.registry, model).table(move.version), move)

    def _champion_alias(self, model: str) -> Alias:
        alias = Aliases(self.registry, model).read(CHAMPION)
        assert alias is not None
        return alias

    def _rules(self, model: str) -> Monitoring:
        """The spec's rules; the ordinary ones for a model whose spec is gone."""
        try:
            return self.load_spec(model).monitoring
        except SpecInvalid:
            return Monitoring()
