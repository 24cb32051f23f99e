"""What registry and records know of a moment: champion and challenger, what they were made from, and who answered."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cli.audit.answers import Answers, count_answers
from cli.audit.tenure import Tenure, find_tenure
from cli.errors import CommandError
from cli.models.registered_model import RegisteredModel
from cli.periods import show_moment
from mlops.records.window import Window
from mlops.registry.aliases import CHALLENGER, CHAMPION, OUT_OF_SERVICE
from mlops.registry.manifest.manifest import VersionManifest

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from mlops.records.read import ReadReport


@dataclass(frozen=True)
class Evidence:
    """Who answered a model's requests at a moment.

    `manifests` are those of the champion, the challenger and every version that answered in the window, by number; None
    for a version that records name and the registry doesn't have.
    """

    moment: datetime
    champion: Tenure
    challenger: Tenure | None
    window: Window
    answers: tuple[Answers, ...]
    report: "ReadReport"
    manifests: dict[int, VersionManifest | None]


def gather(
    model: RegisteredModel, records: "ObjectStore", moment: datetime, around: timedelta, now: datetime
) -> Evidence:
    """The evidence of a moment, with the answers from `around` before it until `around` after it.

    Raises CommandError for a moment in the future, or before the first champion.
    """
    if moment > now:
        raise CommandError(f"{show_moment(moment)} is in the future: it's {show_moment(now)} now.")
    champion = _champion_at(model, moment)
    challenger = _challenger_at(model, moment, champion)
    window = Window(moment - around, moment + around)
    manifest = model.versions.manifest(champion.move.version)
    answers, report = count_answers(records, model.name, manifest.kind, window)
    manifests: dict[int, VersionManifest | None] = {manifest.version: manifest}
    if challenger:
        manifests[challenger.move.version] = model.versions.manifest(challenger.move.version)
    for number in sorted({each.version for each in answers} - manifests.keys()):
        manifests[number] = model.versions.manifest(number) if model.versions.exists(number) else None
    return Evidence(moment, champion, challenger, window, answers, report, manifests)


def _champion_at(model: RegisteredModel, moment: datetime) -> Tenure:
    alias = model.aliases.find(CHAMPION)
    if alias is None:
        raise CommandError(f"No version of {model.name!r} has answered yet: it never had a champion.")
    found = find_tenure(alias, moment)
    if found is None:
        first = alias.history[0]
        raise CommandError(
            f"No version of {model.name!r} answered at {show_moment(moment)}: its first champion, version "
            f"{first.version}, was promoted at {show_moment(first.at)}."
        )
    return found


def _challenger_at(model: RegisteredModel, moment: datetime, champion: Tenure) -> Tenure | None:
    """The challenger's tenure; None if there was none, or if it had been withdrawn.

    A canary is over with the move of its champion, whenever that was noted in the challenger's own history.
    """
    alias = model.aliases.find(CHALLENGER)
    found = find_tenure(alias, moment) if alias else None
    if found is None or found.move.action in OUT_OF_SERVICE:
        return None
    canary = found.move.canary
    if canary is None:
        return found
    if champion.number >= canary.moves:
        return None
    ends = [end for end in (found.end, champion.end) if end is not None]
    return replace(found, end=min(ends, default=None))
