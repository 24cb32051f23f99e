"""What people read about a recommender's incident: plain text, short lines, readable on a phone."""

from mlops.monitoring.incident import Incident
from mlops.monitoring.incidents.messages import HELP, describe_opening
from mlops.monitoring.recommender_facts import ClickTestFacts

_CHECK = (
    "- the catalogue: are the recommended items there, available, with pictures and prices?\n"
    "- the page that shows them, and whether it still sends what users do: clicks that aren't reported look the same\n"
    "- the version: was another one promoted just before?"
)


def write_message(incident: Incident, test: ClickTestFacts, *, learns: bool) -> str:
    """The one message about an incident: what fell, since when, how sure, what to check, and what helps."""
    parts = [
        f"{incident.model} is degraded: {describe_opening(incident)}.",
        f"Since: {incident.since} (UTC).\nHow sure: {_how_sure(test)}",
        "\n".join(
            (
                "What changed before",
                f"- {incident.promoted_before}",
                f"- trained on {incident.dataset}",
                f"- by code {incident.code}",
            )
        ),
        f"What to check\n{_CHECK}",
        f"What happens next: {_describe_next(learns=learns)}",
        f"What helps\n{HELP.format(model=incident.model)}",
        f"Incident {incident.id}. No other message follows about it.",
    ]
    return "\n\n".join(parts) + "\n"


def _how_sure(test: ClickTestFacts) -> str:
    return (
        f"It's more than {test.margin:.0%} below the {test.days} days before it, by more than they differ (p = "
        f"{test.p_value:.2g}). A year without such a loss alarms with a chance of at most 5 %."
    )


def _describe_next(*, learns: bool) -> str:
    if not learns:
        return "nothing by itself."
    return "it's trained again on what users did since, as soon as there's enough. If that helps, that version serves."
