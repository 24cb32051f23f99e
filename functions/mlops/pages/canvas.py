"""What all plots share: their look, and how a figure becomes a self-standing, accessible SVG."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, GREY, PALE = "#1a1a1a", "#767676", "#d9d9d9"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's palette, distinguishable with any colour vision; dashes distinguish lines in grey."""
DASHES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (7, 2, 1.5, 2)), (0, (3, 1.5)), (0, (9, 3)))
MOST_LINES = len(COLOURS)

_LOOK: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "grid.color": "#ececec",
    "grid.linewidth": 0.7,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 2.8,
    "lines.linewidth": 1.8,
    "svg.fonttype": "path",
    "svg.hashsalt": "mlops",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8,
}


@dataclass(frozen=True)
class Plot:
    """A picture: its file name without ending, title, what it shows in a sentence or two, and the SVG."""

    name: str
    title: str
    caption: str
    svg: bytes


def draw(name: str, title: str, caption: str, paint: Callable[[Axes], None], size: tuple[float, float]) -> Plot:
    """The plot that `paint` puts on axes of this size, in inches.

    The bytes depend on what is drawn and on matplotlib's version alone. Ids carry the plot's name, so that several
    plots fit in one page; screen readers read the title and the description.
    """
    file = io.BytesIO()
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, pad=10)
        paint(axes)
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return Plot(name, title, caption, _self_standing(file.getvalue().decode(), name, title, caption).encode())


def _self_standing(svg: str, name: str, title: str, caption: str) -> str:
    body = svg[svg.index("<svg") :]
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", body)
    spoken = (
        f' role="img" aria-labelledby="{name}-title {name}-description">\n'
        f' <title id="{name}-title">{escape(title)}</title>\n'
        f' <desc id="{name}-description">{escape(caption)}</desc>'
    )
    return re.sub(r">", lambda _: spoken, body, count=1)


def unit_square(axes: Axes, across: str, up: str) -> None:
    """Set up axes from 0 to 1 both ways, equally long."""
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=across, ylabel=up, aspect="equal")
    axes.grid(visible=True)


def shorten(text: str, most: int = 28) -> str:
    """The text, cut to fit next to an axis."""
    return text if len(text) <= most else text[: most - 1] + "…"
