"""The figures in one picture: requests a second, cold starts, memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.typing import RcKeyType

from mlops.pages.canvas import COLOURS, GREY, INK
from tests.bench.servers import OURS, SILENT
from tests.bench.summary import Summary

SHORT = {
    OURS: "this project",
    "fastapi": "FastAPI + scikit-learn",
    "mlserver": "MLServer",
    "bentoml": "BentoML",
    "mlflow": "MLflow",
    "floor": "bare Python + ONNX Runtime",
    "sklearn, compiled": "scikit-learn, compiled",
    "sklearn, not compiled": "scikit-learn, not compiled",
}
_OURS, _PEER = COLOURS[0], "#b8bec6"
_LOOK: dict[RcKeyType, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "svg.fonttype": "path",
    "svg.hashsalt": "mlops",
    "text.color": INK,
    "ytick.labelcolor": INK,
}


def draw(file: Path, servers: Sequence[Summary], cold: dict[str, dict[str, float]]) -> None:
    """Write the picture, as SVG."""
    drawn = [server for server in servers if server.key != SILENT]
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(10, 6.2), layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15))
        figure.patch.set_facecolor("white")
        panels = figure.subplots(2, 2)
        names = [SHORT[server.key] for server in drawn]
        for axes, clients, word in zip(panels[0], ("1", "8"), ("1 client", "8 clients"), strict=True):
            rates = [server.usual[clients]["rate"] for server in drawn]
            _bars(axes, f"Requests a second, {word}", names, rates, "{:,.0f}")
        starts = [each["cold_ms"] for each in cold.values()]
        _bars(panels[1][0], "Cold start under Lambda's runtime, ms", [SHORT[key] for key in cold], starts, "{:,.0f}")
        _bars(panels[1][1], "Memory of the server, MB", names, [server.memory_mb for server in drawn], "{:,.0f}")
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})


def _bars(axes: Axes, title: str, names: Sequence[str], values: Sequence[float], form: str) -> None:
    colours = [_OURS if name == SHORT[OURS] else _PEER for name in names]
    bars = axes.barh(names, values, color=colours, height=0.68)
    axes.bar_label(bars, [form.format(value) for value in values], padding=4, color=INK, fontsize=9)
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", pad=8)
    axes.set_xlim(0, max(values) * 1.16)
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(GREY)
    axes.tick_params(axis="y", length=0)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_fontweight("bold" if name == SHORT[OURS] else "normal")
