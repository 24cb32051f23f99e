"""SVG elements: every text and attribute is escaped."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

type Point = tuple[float, float]


def element(name: str, *children: Markup | str, **attributes: str | float | None) -> Markup:
    """One element; `class_` is its class, underscores in other names are dashes, None leaves an attribute out."""
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _write(value))
        for key, value in attributes.items()
        if value is not None
    )
    content = Markup("").join(children)
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, content) if content else Markup(
        "<{}{}/>"
    ).format(name, written)  # fmt: skip


def drawing(
    width: float, height: float, title: str, description: str, *children: Markup, class_: str | None = None
) -> Markup:
    """A drawing as wide as its place in the page; screen readers read title and description."""
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *children,
        viewBox=f"0 0 {_write(width)} {_write(height)}",
        role="img",
        class_=class_,
    )


def text(place: Point, words: str, class_: str = "tick", anchor: str | None = None) -> Markup:
    """Words, their baseline at a place; `anchor` is middle or end."""
    return element("text", words, x=place[0], y=place[1], class_=class_, text_anchor=anchor)


def line(start: Point, end: Point, class_: str) -> Markup:
    """A straight line."""
    return element("path", d=f"M{_pair(start)}L{_pair(end)}", class_=class_)


def polyline(points: Sequence[Point], class_: str) -> Markup:
    """A line through points, empty if there are fewer than two."""
    return element("path", d="M" + "L".join(map(_pair, points)), class_=class_) if len(points) > 1 else Markup("")


def strokes(lines: Sequence[tuple[Point, Point]], class_: str, width: float | None = None) -> Markup:
    """Many straight lines, level or upright, as one element; one of no length is a dot if its class has round ends."""
    path = "".join(
        f"M{_pair(start)}" + (f"V{_write(end[1])}" if start[0] == end[0] else f"H{_write(end[0])}")
        for start, end in lines
    )
    return element("path", d=path, class_=class_, stroke_width=width)


def area(upper: Sequence[Point], lower: Sequence[Point], class_: str) -> Markup:
    """The area between two lines."""
    if len(upper) < 2:
        return Markup("")
    return element("path", d="M" + "L".join(map(_pair, (*upper, *reversed(lower)))) + "Z", class_=class_)


def box(left: float, top: float, right: float, bottom: float, class_: str, title: str | None = None) -> Markup:
    """A rectangle; `title` is what a mouse shows."""
    words = [element("title", title)] if title else []
    return element("rect", *words, x=left, y=top, width=right - left, height=max(0.0, bottom - top), class_=class_)


def runs(points: Iterable[Point | None]) -> list[list[Point]]:
    """The points between the gaps."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def _pair(point: Point) -> str:
    return f"{_write(point[0])} {_write(point[1])}"


def _write(value: str | float) -> str:
    """Attributes as they are, places to a tenth of a pixel."""
    if isinstance(value, str):
        return escape(value)
    return f"{round(value, 1) + 0.0:g}"
