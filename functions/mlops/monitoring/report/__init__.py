"""The report of a model's window: report.html, for people; report.json has the same facts for programs.

inputs.py    what a report is made of
page.py      the page, and the sections that it puts together
headline.py  whether the model is well, and what to do
renderer.py  the page of a window from its facts and the registry
charts/      the page's drawings, as inline SVG
"""

from mlops.monitoring.report.inputs import Background, Report
from mlops.monitoring.report.page import render_report
from mlops.monitoring.report.renderer import Renderer

__all__ = ["Background", "Renderer", "Report", "render_report"]
