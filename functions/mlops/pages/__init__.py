"""HTML pages that need nothing but themselves: the look that the model card and monitoring's report share.

environment.py  templates, in which every text is escaped
numbers.py      numbers as text
look.css        colours (light, dark, print), type, tables
"""
