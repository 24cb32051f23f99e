"""The report of a model's window: report.html for people and report.json for programs.

inputs.py    what a report is made of
page.py      the page, and the sections that it puts together
headline.py  whether the model is well, and what to do
document.py  report.json
files.py     where reports lie in the records bucket
charts/      the page's drawings, as inline SVG
"""

from mlops.monitoring.report.document import WindowDocument, write_document
from mlops.monitoring.report.inputs import Background, Report
from mlops.monitoring.report.page import render_report

__all__ = ["Background", "Report", "WindowDocument", "render_report", "write_document"]
