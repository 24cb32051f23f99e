"""Whether a recommender is well, in one sentence, and what to do."""

from collections.abc import Sequence

from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.figure import Figure
from mlops.monitoring.incident import Incident
from mlops.monitoring.recommender_facts import ClickTestFacts, RecommenderFacts
from mlops.monitoring.report.headline import Headline
from mlops.monitoring.report.texts import count, write_share
from mlops.pages.numbers import NOTHING


def write_headline(facts: WindowFacts, incidents: Sequence[Incident]) -> Headline:
    """A recommender's day in one sentence; the incidents are those by then."""
    found = facts.recommendations
    incident = next((each for each in reversed(incidents) if each.closed_at is None), None)
    if found is None or found.all_answers is None:
        return Headline("unwell" if incident else "unknown", "Nothing was recommended on this day.")
    if incident:
        return Headline(
            "unwell", f"Fewer clicks than usual since {incident.since or incident.window}: {_clicked(found)}."
        )
    test = found.test
    if test is None or test.reason:
        reason = test.reason if test else "no answer was the champion's"
        return Headline("unknown", f"{_clicked(found)}; it isn't compared with other days: {reason}.")
    return Headline("watch" if test.alarm else "well", f"{_clicked(found)}; {_usual(test)}.")


def list_steps(facts: WindowFacts, incidents: Sequence[Incident]) -> list[str]:
    """What to do, the first thing first."""
    if any(each.closed_at is None for each in incidents):
        return [
            "Look whether the recommended items are there, available, with pictures and prices.",
            "Look whether the page still sends what users do: clicks that aren't reported look like none.",
            f"If a version was promoted just before: scripts/mlops models rollback {facts.model}",
        ]
    found = facts.recommendations
    events = found.events if found else None
    if events and events.unknown > events.attributed:
        return ["Look at the ids that the page sends with events: most of them belong to no recorded answer."]
    return ["Nothing."]


def write_percent(figure: Figure | None) -> str:
    """A share with its interval in percent."""
    if figure is None:
        return NOTHING
    ends = (
        ""
        if figure.low is None or figure.high is None
        else (f" ({write_share(figure.low)} to {write_share(figure.high)})")
    )
    return write_share(figure.value) + ends


def _clicked(found: RecommenderFacts) -> str:
    answers = found.all_answers
    assert answers is not None
    clicks = found.test.clicks if found.test else answers.clicks
    return f"{write_percent(clicks)} of {count(clicks.rows, 'answer')} got a click"


def _usual(test: ClickTestFacts) -> str:
    return f"usual is {write_percent(test.usual)} by the {test.days} days before"
