"""HTML pages that need nothing but themselves: the look that model cards and monitoring's report share.

environment.py  templates, in which every text is escaped
numbers.py      numbers as text
canvas.py       pictures as SVG
version.html.jinja  parts of the cards of every kind of model
look.css        colours (light, dark, print), type, tables
"""
