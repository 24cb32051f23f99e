"""The story of a look at a model's canary: observe, decide, move the aliases, write what was found.

A look may be repeated or killed anywhere, and people may act at the same time: each step finds out what is still to be
done, and one conditional write decides how a canary ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mlops.errors.registry import AliasMoved, ArtifactInvalid, KindMismatch, VersionNotFound
from mlops.errors.training import SpecInvalid
from mlops.evaluation.metrics.catalog import SIGNS, absolute_margin
from mlops.monitoring.archive import Archive
from mlops.monitoring.canary.decide import Decision, Estimated, Rules, decide, estimate_difference
from mlops.monitoring.canary.losses import Loss
from mlops.monitoring.canary.observe import Trial, observe
from mlops.monitoring.canary.observed import Observed
from mlops.monitoring.canary_facts import CanaryFacts
from mlops.monitoring.due import GRACE
from mlops.monitoring.facts import Figure, WindowFacts
from mlops.monitoring.windows.versions import read_version
from mlops.records.window import Window
from mlops.registry.aliases import Alias, Aliases, Canary, Undecided
from mlops.registry.canary import (
    MONITORING,
    accept_canary,
    complete_acceptance,
    end_superseded,
    find_canary,
    withdraw_canary,
)
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MARGIN = 0.01
"""The margin of a model whose spec is gone."""


@dataclass(frozen=True, kw_only=True)
class Canaries:
    """Looks at the canaries of a registry by the records of their answers.

    `delay` is how long records take to arrive; `clock` gives the time of moves.
    """

    registry: Store
    records: "ObjectStore"
    archive: Archive
    load_spec: Callable[[str], ModelSpec]
    delay: timedelta
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def look(self, model: str, now: datetime) -> CanaryFacts | None:
        """Look at a model's canary as of a time, and end it if that's decided; None without a canary."""
        aliases = Aliases(self.registry, model, self.clock)
        complete_acceptance(aliases)
        end_superseded(aliases)
        seen = find_canary(aliases)
        canary = seen.canary if seen else None
        if seen is None or canary is None:
            return None
        facts = self._judge(seen, canary, model, now)
        self.archive.write_canary(facts)
        try:
            if facts.outcome == "promote":
                accept_canary(aliases, seen, by=MONITORING, why=facts.reason)
            elif facts.outcome == "withdraw":
                withdraw_canary(aliases, seen, by=MONITORING, why=facts.reason)
        except AliasMoved:
            return None  # somebody else ended it first
        return facts

    def _judge(self, seen: Alias, canary: Canary, model: str, now: datetime) -> CanaryFacts:
        """What the records show of a canary, and what follows."""
        versions = Versions(self.registry, model)
        try:
            trial = Trial(
                versions.table(seen.version), versions.table(canary.against), seen.history[-1].at, self._key(model)
            )
        except (VersionNotFound, ArtifactInvalid, KindMismatch) as error:
            gone = Decision("withdraw", f"it can't be compared: {error}", 0.0, 0.0)
            return _facts(seen, canary, model, now, gone, Observed(), Loss("misses", MARGIN), ())
        loss, undecided = self._rules(trial.champion, versions)
        observed, damaged = observe(self.records, trial, loss, now)
        # Records and truths of the last requests arrive after the end.
        rules = Rules(loss.margin, canary.until + self.delay + GRACE, canary.undecided or undecided)
        estimated = self._estimate(trial, now) if now >= rules.until else None
        decision = decide(observed, rules, now, estimated)
        return _facts(seen, canary, model, now, decision, observed, loss, damaged)

    def _rules(self, champion: Manifest, versions: Versions) -> tuple[Loss, Undecided]:
        """The loss that is compared, and what becomes of an undecided canary, by the spec."""
        watched = read_version(versions, champion.version)
        held_out = None if isinstance(watched, str) else watched.held_out
        try:
            spec = self.load_spec(champion.model)
        except SpecInvalid:
            metric = "accuracy" if champion.contract.target.labels else "mae"
            return Loss.choose(champion.contract, metric, MARGIN, held_out), "withdraw"
        return Loss.choose(champion.contract, spec.metric, spec.margin, held_out), spec.delivery.undecided

    def _key(self, model: str) -> tuple[str, ...]:
        try:
            return self.load_spec(model).key
        except SpecInvalid:
            return ()

    def _estimate(self, trial: Trial, now: datetime) -> Estimated | None:
        """The estimated metric of both versions on the latest day of the trial that has both."""
        try:
            spec = self.load_spec(trial.champion.model)
        except SpecInvalid:
            return None
        for day in reversed(Window(trial.started, now).days):
            facts = self.archive.read_facts(trial.champion.model, day.isoformat())
            challenger = _estimated(facts, trial.challenger.version, spec.metric)
            champion = _estimated(facts, trial.champion.version, spec.metric)
            if challenger and champion:
                return _compare(challenger, champion, spec)
        return None


def _estimated(facts: WindowFacts | None, version: int, metric: str) -> tuple[float, float, float] | None:
    """The estimate of a version's metric in a window with its bounds; None if there is none that can be trusted."""
    found = next((each for each in facts.versions if each.version == version), None) if facts else None
    figure: Figure | None = found.estimated.get(metric) if found else None
    assessed = found.assessments.get(metric) if found else None
    if figure is None or figure.low is None or figure.high is None or (assessed and not assessed.trustworthy):
        return None
    return figure.value, figure.low, figure.high


def _compare(
    challenger: tuple[float, float, float], champion: tuple[float, float, float], spec: ModelSpec
) -> Estimated:
    """The difference, positive where the challenger is better, between the bounds that both intervals leave."""
    corners = ((challenger[1], champion[2]), (challenger[2], champion[1]))
    bounds = sorted(SIGNS[spec.metric] * (mine - other) for mine, other in corners)
    return Estimated(
        metric=spec.metric,
        value=SIGNS[spec.metric] * (challenger[0] - champion[0]),
        low=bounds[0],
        high=bounds[-1],
        margin=absolute_margin(spec.metric, spec.margin, champion[0]),
    )


def _facts(
    seen: Alias,
    canary: Canary,
    model: str,
    now: datetime,
    decision: Decision,
    observed: Observed,
    loss: Loss,
    damaged: tuple[str, ...],
) -> CanaryFacts:
    return CanaryFacts(
        model=model,
        version=seen.version,
        against=canary.against,
        share=seen.share,
        started=seen.history[-1].at,
        until=canary.until,
        looked_at=now,
        loss=loss.name,
        margin=loss.margin,
        pairs=len(observed.paired),
        unpaired=len(observed.unpaired),
        difference=estimate_difference(observed),
        worse=decision.worse,
        not_worse=decision.not_worse,
        requests=len(observed.failed),
        champion_requests=observed.champion_requests,
        failed=int(observed.failed.sum()),
        slow=int(observed.slow.sum()),
        slow_from=observed.slow_from,
        damaged=damaged,
        outcome=decision.outcome,
        reason=decision.reason,
    )
