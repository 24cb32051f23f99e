"""From a fitted scikit-learn estimator to an ONNX graph that is the same function.

check.py        compile an estimator and compare the two on rows that would show a difference
compiler.py     the estimator's graph, with the contract's inputs and outputs
walk.py         the way through an estimator: each step finds its converter by its exact type
graph.py        the graph under construction: nodes, constants, the model's bytes
tensors.py      tensors written as formulas
numerics.py     functions that ONNX Runtime lacks in float64
distances.py    distances and kernels between rows and known rows
columns.py      columns of tensors, joined only where a step needs a matrix
vocabulary.py   texts as numbers, once for the whole graph
trees.py        decision trees of any library
links.py        from scores to probabilities
converters.py   which estimator is converted by what: the whole plug-in system
table.py        the form of its tables
compilable.py   whether an estimator could be compiled, before it is fitted
reaching.py     which of the contract's columns reach an estimator within another, and what it can't do with them
families/       one file a family of estimators
probes.py       rows that would show a difference
nodes.py        nodes of trees, and rows that reach them
parity.py       how far the graph is from the estimator on rows
estimator.py    the estimator's own predictions, in the contract's order
"""

from mlops.training.compile.check import Compiled, compile_and_check
from mlops.training.compile.compilable import check_compilable
from mlops.training.compile.compiler import compile_estimator
from mlops.training.compile.parity import TOLERANCE, Parity, check_parity
from mlops.training.compile.probes import probe_rows

__all__ = [
    "TOLERANCE",
    "Compiled",
    "Parity",
    "check_compilable",
    "check_parity",
    "compile_and_check",
    "compile_estimator",
    "probe_rows",
]
