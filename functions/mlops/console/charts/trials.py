"""The scores of a search's trials as they came, and the best so far."""

from collections.abc import Sequence

from markupsafe import Markup

from mlops.monitoring.report.charts.scale import Scale, fit, write_tick
from mlops.monitoring.report.charts.svg import drawing, line, polyline, strokes, text
from mlops.operations.trainings import Trial

WIDTH, HEIGHT = 480.0, 170.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 8.0, 24.0


def draw_trials(trials: Sequence[Trial], metric: str, *, greater: bool) -> Markup:
    """A dot a trial, pruned ones fainter, and a line through the best so far; empty if no trial has a score."""
    scored = [(each.number, each.score, each.pruned) for each in trials if each.score is not None]
    if not scored:
        return Markup("")
    numbers = [number for number, _, _ in scored]
    across = Scale(min(numbers) - 0.5, max(max(numbers), min(numbers) + 1) + 0.5, _LEFT, WIDTH - _RIGHT)
    up = fit([score for _, score, _ in scored], HEIGHT - _BOTTOM, _TOP)
    parts: list[Markup] = []
    ticks = up.ticks(4)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    for tick in ticks:
        parts.append(line((_LEFT, up(tick)), (WIDTH - _RIGHT, up(tick)), "grid"))
        parts.append(text((_LEFT - 6, up(tick) + 4), write_tick(tick, step), anchor="end"))
    best: float | None = None
    points = []
    for number, score, pruned in scored:
        if not pruned:
            better = best is None or (score > best if greater else score < best)
            best = score if better else best
            assert best is not None
            points.append((across(number), up(best)))
    parts.append(polyline(points, "line realised"))
    for is_pruned, look in ((True, "dots pruned"), (False, "dots")):
        # A line of no length with round ends: hundreds of trials are one element.
        places = [(across(number), up(score)) for number, score, pruned in scored if pruned == is_pruned]
        if places:
            parts.append(strokes([(place, place) for place in places], look))
    parts.append(text((_LEFT, HEIGHT - 6), f"trial {min(numbers)}"))
    parts.append(text((WIDTH - _RIGHT, HEIGHT - 6), f"trial {max(numbers)}", anchor="end"))
    words = f"{metric} of {len(scored)} trials" + (f"; the best is {best:.4f}" if best is not None else "")
    return drawing(WIDTH, HEIGHT, f"{metric} by trial", words, *parts, class_="trials")
