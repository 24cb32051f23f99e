"""Whether a day has fewer clicks than the days before it.

Days differ by more than the chance of their answers: by weekday, weather, what was advertised. So a day is compared
with what those before it let expect, and with their spread (see usual.py): its share of answers with a click must lie
below what's lost without harm. Each day is tested at 0.05 / 365, so that a year without harm has no alarm with a chance
of 95 %, by Bonferroni's inequality.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from mlops.monitoring.figure import Figure
from mlops.monitoring.recommendations.share import Share
from mlops.monitoring.recommendations.usual import FEWEST_WEEKS, WEEK, expect
from mlops.monitoring.recommender_facts import ClickTestFacts
from mlops.spec.click_through import ClickThrough

LEVEL = 0.05 / 365
MOST_DAYS = 28
FEWEST_DAYS = 7
DOUBTFUL = 0.01
"""A day with a smaller p-value is none of the usual ones, though it's no alarm."""
FEWEST_CLICKS = 10
"""How many clicks of independent answers a usual day has at least, for a normal approximation."""


def compare_day(
    day: Share, before: Sequence[Share], rules: ClickThrough, alarms: int = 0, ago: Sequence[int] | None = None
) -> ClickTestFacts:
    """Test a day's share of answers with a click against those of up to MOST_DAYS usual days before it, oldest first.

    Those are usual by `is_usual`; `alarms` is how many others weren't. `ago` says how many days ago each of them was:
    without it nothing is known of weekdays.
    """
    before, ago = before[-MOST_DAYS:], None if ago is None else ago[-MOST_DAYS:]
    facts = ClickTestFacts(clicks=day.figure(), error=day.error, users=day.users, days=len(before), margin=rules.margin)
    if reason := _too_little(day, before, rules):
        changed = is_enough(day, rules) and len(before) < FEWEST_DAYS <= len(before) + alarms
        return facts.model_copy(update={"reason": reason, "changed": changed})
    usual = expect(before, ago)
    p_value = usual.chance_below(day, 1 - rules.margin)
    answers = day.rows / usual.effect
    reach = float(stdtrit(usual.freedom, 0.975)) * math.hypot(
        usual.spread, math.sqrt((1 - usual.value) / (usual.value * answers))
    )
    return facts.model_copy(
        update={
            "usual": Figure(
                value=usual.value,
                low=usual.value * math.exp(-reach),
                high=min(1.0, usual.value * math.exp(reach)),
                rows=sum(each.rows for each in before),
            ),
            "limit": (1 - rules.margin) * usual.value,
            "statistic": float(stdtrit(usual.freedom, p_value)) if p_value < 1 else None,
            "critical": float(stdtrit(usual.freedom, LEVEL)),
            "p_value": p_value,
            "alarm": p_value < LEVEL,
        }
    )


def is_usual(facts: ClickTestFacts) -> bool:
    """Whether later days are compared with a day that had this result: it had no alarm, nor nearly one.

    A loss that's no alarm would make the next days' spread wider, and hide itself. Before weekdays are known, a quiet
    one looks like that each week, so it does count.
    """
    doubtful = facts.p_value is not None and facts.p_value < DOUBTFUL and facts.days >= WEEK * FEWEST_WEEKS
    return not facts.alarm and not doubtful


def is_enough(day: Share, rules: ClickThrough) -> bool:
    """Whether a day has enough answers to be compared, and to be compared with."""
    return day.rows >= rules.fewest_answers and day.users > 1


def _too_little(day: Share, before: Sequence[Share], rules: ClickThrough) -> str | None:
    if not is_enough(day, rules):
        return f"{day.rows:,} answers of {day.users:,} users are too few: {rules.fewest_answers:,} are needed"
    if len(before) < FEWEST_DAYS:
        return f"{len(before)} days before it with enough answers are too few to compare with: {FEWEST_DAYS} are needed"
    usual = float(np.mean([each.value for each in before]))
    effect = float(np.mean([each.design_effect for each in before]))
    if usual * day.rows / effect < FEWEST_CLICKS:
        return f"a usual day has {usual:.2g} clicks an answer, too few to see a loss in {day.rows:,} answers"
    return None
