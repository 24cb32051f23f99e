"""An item model as an ONNX graph that ranks: seen, disliked and unavailable items are left out inside it.

compiler.py          the graph around the scores: masks, the best k, contributions
scoring.py           the scores of each item model
normal_equations.py  the fold-in of a factor model, and its contributions
shortlist.py         the best of many items, most of them by estimates in single precision
graph.py             nodes and constants
parity.py            the graph's answers against the item model's
package.py           all files of a version
"""
