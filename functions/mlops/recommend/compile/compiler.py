"""An item model → the graph that ranks: scores, masks, the best k, and the contributions of the history."""

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, helper

from mlops.artifact.recommender.ranking import EXPLAINS, INPUTS, OUTPUTS
from mlops.recommend.compile.graph import IR_VERSION, MICROSOFT, OPSET, Graph, declare
from mlops.recommend.compile.scoring import Contributions, Scoring, add_scores
from mlops.recommend.compile.shortlist import add_shortlist
from mlops.recommend.models import ItemModel

_PRODUCER = "mlops-on-lambda"


def compile_model(model: ItemModel, unavailable: NDArray[np.int64]) -> bytes:
    """The graph as ONNX bytes; `unavailable` [U] are indices of items that it never answers.

    Raises CompilationFailed for an item model that has no graph.
    """
    base = np.zeros(model.count)
    base[unavailable] = -np.inf
    graph = Graph()
    left_out = graph.node("Concat", "items", "masked", axis=0)
    scoring = add_scores(model, graph, base, left_out)
    ranked = _rank(graph, scoring, left_out, model.count)
    _explain(graph, ranked, scoring.contributions)
    made: ModelProto = helper.make_model(
        graph.finish("recommender", declare(INPUTS), declare(OUTPUTS)),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
        producer_name=_PRODUCER,
        producer_version="1",
    )
    helper.set_model_props(made, {EXPLAINS: "yes" if scoring.contributions else "no"})
    content: bytes = made.SerializeToString(deterministic=True)
    return content


def _rank(graph: Graph, scoring: Scoring, left_out: str, count: int) -> str:
    """Add the outputs `ranked` and `scores`: the best k of the items that aren't left out, the lower index first."""

    def rank_all(inner: Graph) -> tuple[str, str]:
        most = inner.node("Min", "k", inner.integers(count))
        names = inner.name("best_scores"), inner.name("best")
        inner.node("TopK", scoring.scores(inner), most, axis=0, outputs=names)
        return names

    if scoring.estimate:
        best, items = add_shortlist(graph, scoring.estimate, left_out, count, rank_all)
    else:
        best, items = rank_all(graph)
    kept = graph.node("Greater", best, graph.numbers(-np.inf))
    graph.node("Compress", best, kept, outputs=["scores"])
    return graph.node("Compress", items, kept, outputs=["ranked"])


def _explain(graph: Graph, ranked: str, contributions: Contributions | None) -> None:
    """Add the output `contributions`: computed only where the input `explain` is true, else and without any empty."""
    inner = Graph("explained_")
    outer = Graph("plain_")
    explained = contributions(inner, ranked) if contributions else _add_nothing(inner)
    branches = {
        "then_branch": inner.finish("explained", [], declare({explained: OUTPUTS["contributions"]})),
        "else_branch": outer.finish("plain", [], declare({_add_nothing(outer): OUTPUTS["contributions"]})),
    }
    graph.node("If", "explain", outputs=["contributions"], **branches)


def _add_nothing(graph: Graph) -> str:
    return graph.node("Identity", graph.constant(np.empty((0, 0))))
