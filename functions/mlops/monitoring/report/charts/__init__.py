"""Drawings as inline SVG, without a library: small, of the page's own colours, and with words for screen readers.

svg.py        elements, paths, text
scale.py      values to places, and ticks
timeline.py   figures over time, with marks and spans
trend.py      one column over time, in little room
histogram.py  a column of numbers or dates against its training rows
shares.py     a column of categories against its training rows
calibration.py, interval.py
"""
