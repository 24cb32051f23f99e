"""Two versions' clicks by place, by the answers that some version explored for the same users.

An item that stands at a place is taken to get its clicks whatever stands at the other places (the item-position model
of S. Li, Y. Abbasi-Yadkori, B. Kveton, S. Muthukrishnan, V. Vinay and Z. Wen, "Offline evaluation of ranking policies
with click models", KDD 2018). So each place is judged by itself: its weight is the inverse of the logged propensity
where the version would have shown the same item there, and 0 elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.artifact.recommender.answering import POOL
from mlops.errors.training import Incomparable
from mlops.evaluation.off_policy import Logged, estimate_difference, estimate_value
from mlops.monitoring.off_line.replay import ReplayedVersion
from mlops.monitoring.off_line.shown import PastEvents, Shown, load_shown
from mlops.records.database import open_database
from mlops.records.window import Window
from mlops.registry.manifest.evidence import Estimate
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_MEMORY = "1GB"
FEWEST_REPRODUCED = 0.95
"""Of the answers that didn't explore, the share that the version which gave them must give again."""


@dataclass(frozen=True)
class ClickComparison:
    """The second of two `versions` compared with the first, by clicks.

    `answers` were given in the stretch; `judged` of them, to `users`, could be replayed, of which `explored` were
    drawn. `places` are those at which both versions show what could have been shown, the share `covered` of all.
    `reproduced` is the share of answers without exploration that replaying gave again. `clicks` are by place, `gain`
    the second version's beyond the first one's.
    """

    versions: tuple[int, int]
    answers: int
    judged: int
    users: int
    explored: int
    places: int
    covered: float
    reproduced: float
    clicks: tuple[Estimate, Estimate]
    gain: Estimate

    def to_dict(self) -> dict[str, Any]:
        """As a document."""
        return {
            **asdict(self),
            "clicks": [estimate.model_dump() for estimate in self.clicks],
            "gain": self.gain.model_dump(),
        }


def compare_clicks(
    versions: Versions,
    manifests: tuple[RecommenderManifest, RecommenderManifest],
    records: "ObjectStore",
    stretch: Window,
    clicks: Sequence[str],
    kept: timedelta,
    key: bytes,
) -> ClickComparison:
    """Compare two versions by the answers of a stretch; events named `clicks` count, `kept` is how long the API keeps
    recent ones.

    Raises Incomparable with the reason, and what reading versions and records raises.
    """
    first, second = manifests
    after = max(_learnt_until(manifest) for manifest in manifests)
    with open_database(_MEMORY) as connection:
        shown = load_shown(connection, records, first.model, stretch, after, clicks)
        past = PastEvents(connection, records, first.model, stretch, kept)
    explored = sum(each.explored for each in shown.replayable)
    if not explored:
        raise Incomparable(
            f"none of {shown.answers:,} answers explored after {after:%Y-%m-%d %H:%M} UTC, until when the versions "
            "learnt, on a history that is recorded: deploy with ExploreShare above 0"
        )
    numbers = {first.version, second.version, *(each.version for each in shown.replayable)}
    replayed = {number: ReplayedVersion(versions, versions.recommender(number), key) for number in sorted(numbers)}
    if len(rules := {each.manifest.interactions.user_privacy for each in replayed.values()}) > 1:
        raise Incomparable(
            f"the versions of the stretch record users by other privacy rules: {', '.join(sorted(rules))}"
        )
    judged = _judge(shown.replayable, replayed, (first.version, second.version), past)
    if judged.reproduced < FEWEST_REPRODUCED:
        raise Incomparable(
            f"replaying gives again only {judged.reproduced:.1%} of the answers that didn't explore, where "
            f"{FEWEST_REPRODUCED:.0%} are needed: histories can't be told from the records"
        )
    if not judged.rows:
        raise Incomparable("there's no place at which both versions show an item that could have been shown")
    return _estimate(judged, (first.version, second.version), shown.replayable, shown.answers, explored)


def _learnt_until(manifest: RecommenderManifest) -> datetime:
    """When the version can't have learnt of an answer's outcome any more."""
    return manifest.until or manifest.created_at.astimezone(UTC)


@dataclass(frozen=True)
class _Judged:
    """Rows (person, click, weight of the first version, of the second) of covered places, of all `places`."""

    rows: list[tuple[int, bool, float, float]]
    places: int
    reproduced: float
    least: float


def _judge(
    shown: Sequence[Shown], replayed: Mapping[int, ReplayedVersion], versions: tuple[int, int], past: PastEvents
) -> _Judged:
    people: dict[str, int] = {}
    rows, places, same, plain = [], 0, 0, 0
    least = min(min(each.propensities) for each in shown)
    for each in shown:
        person = people.setdefault(each.person, len(people))
        events = past.of(each.user, each.moment)
        pool = replayed[each.version].rank(each.user, events, POOL * each.k)
        lists = [
            pool[: each.k] if number == each.version else replayed[number].rank(each.user, events, each.k)
            for number in versions
        ]
        if not each.explored:
            plain += 1
            same += [*each.items] == pool[: each.k]
        could = set(pool)
        places += len(each.items)
        for place, (wanted, other) in enumerate(zip(*lists, strict=False)):
            if place < len(each.items) and wanted in could and other in could:
                item, weight = each.items[place], 1 / each.propensities[place]
                rows.append((person, place in each.clicked, weight * (item == wanted), weight * (item == other)))
    return _Judged(rows, places, same / plain if plain else 1.0, least)


def _estimate(
    judged: _Judged, versions: tuple[int, int], shown: Sequence[Shown], answers: int, explored: int
) -> ClickComparison:
    columns = [np.array(column) for column in zip(*judged.rows, strict=True)]
    people = np.unique(columns[0], return_inverse=True)[1].astype(np.int64)
    rewards = columns[1].astype(np.float64)
    first, second = (Logged(rewards, weights, 1 / judged.least, people) for weights in columns[2:])
    return ClickComparison(
        versions=versions,
        answers=answers,
        judged=len(shown),
        users=len({each.person for each in shown}),
        explored=explored,
        places=len(judged.rows),
        covered=len(judged.rows) / judged.places,
        reproduced=judged.reproduced,
        clicks=(estimate_value(first, 0), estimate_value(second, 0)),
        gain=estimate_difference(second, first, 0),
    )
