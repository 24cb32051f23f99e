"""report.html of a recommender's day: one file that needs nothing else."""

from collections.abc import Callable, Sequence
from pathlib import Path

from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident
from mlops.monitoring.recommendations.charts import draw_days, draw_positions
from mlops.monitoring.recommendations.headline import list_steps, write_headline, write_percent
from mlops.monitoring.report.texts import count, shorten, write_delay, write_moment, write_share, write_window
from mlops.pages.environment import make_environment

TEMPLATE = "page.html.jinja"
MOST_STEPS = 20

type Render = Callable[[Sequence[WindowFacts], Sequence[Incident]], bytes]


class PageRenderer:
    """Renders the days of models of both kinds; `tables` renders those of tables."""

    def __init__(self, tables: Render) -> None:
        self._tables = tables

    def __call__(self, history: Sequence[WindowFacts], incidents: Sequence[Incident]) -> bytes:
        """The page of the last day of a history, oldest first, with the model's incidents by then."""
        if history[-1].recommendations is None:
            return self._tables(history, incidents)
        return render_page(history, incidents)


def render_page(history: Sequence[WindowFacts], incidents: Sequence[Incident]) -> bytes:
    """The page of the last day of a history of a recommender; it depends on its arguments alone."""
    folder = Path(__file__).parent
    environment = make_environment(folder, folder.parent / "report")
    environment.filters.update(
        count=count,
        delay=write_delay,
        moment=write_moment,
        percent=write_percent,
        share=write_share,
        short=shorten,
        window=write_window,
    )
    facts = history[-1]
    found = facts.recommendations
    assert found is not None
    content = {
        "facts": facts,
        "found": found,
        "headline": write_headline(facts, incidents),
        "steps": list_steps(facts, incidents),
        "incident": incidents[-1] if incidents else None,
        "earlier": incidents[:-1],
        "most_steps": MOST_STEPS,
        "days": draw_days(history),
        "history": history,
        "positions": draw_positions(found.positions),
    }
    return environment.get_template(TEMPLATE).render(**content).encode()
