"""Compiled recommenders answer what their item models answer: scores, order, ties, masks, contributions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, checker, helper, load_from_string

from mlops.artifact.history import History
from mlops.artifact.recommender.ranking import GraphMismatch, Ranking, feed
from mlops.artifact.session import open_session
from mlops.errors.training import CompilationFailed
from mlops.recommend.compile import scoring, shortlist
from mlops.recommend.compile.compiler import compile_model
from mlops.recommend.compile.parity import TOLERANCE, largest_deviation, rank_by_model
from mlops.recommend.models import DenseItems, Factors, ItemModel
from tests.unit.mlops.recommend.compile.models import ITEMS, double_contributions, make_history, make_models

NONE = np.empty(0, dtype=np.int64)
SOME = np.array([3, 17, 41])
KINDS = ("popularity", "dense", "sparse", "factors")
MODELS, WHOLE = make_models(), make_models(whole=True)
GRAPHS = {kind: compile_model(MODELS[kind], SOME) for kind in KINDS}
RANKINGS = {kind: Ranking(GRAPHS[kind]) for kind in KINDS}
TIED = {kind: Ranking(compile_model(WHOLE[kind], SOME)) for kind in KINDS}

cases = st.tuples(st.integers(0, 40), st.integers(0, 15), st.integers(0, 1_000))


@pytest.mark.parametrize("kind", KINDS)
@given(case=cases, k=st.integers(1, 80))
def test_scores_and_order_are_the_item_models(kind: str, case: tuple[int, int, int], k: int) -> None:
    history = make_history(*case)
    assert largest_deviation(RANKINGS[kind], MODELS[kind], [history], k, SOME) <= TOLERANCE
    found, expected = RANKINGS[kind].rank(history, k), rank_by_model(MODELS[kind], history, k, SOME)
    gaps = np.abs(np.diff(expected.scores))
    if np.all(gaps > 1e-9):
        assert found.items.tolist() == expected.items.tolist()


@pytest.mark.parametrize("kind", ["popularity", "dense", "sparse"])
@given(case=cases, k=st.integers(1, 80))
def test_ties_are_in_the_order_of_indices(kind: str, case: tuple[int, int, int], k: int) -> None:
    history = make_history(*case, whole=True)
    found, expected = TIED[kind].rank(history, k), rank_by_model(WHOLE[kind], history, k, SOME)
    assert found.items.tolist() == expected.items.tolist()
    assert found.scores.tolist() == expected.scores.tolist()


@given(case=cases)
def test_items_with_the_same_weights_tie_whatever_the_weights(case: tuple[int, int, int]) -> None:
    """The product adds up each column in the same order, so equal columns have equal sums, to the last bit."""
    weights = np.repeat(MODELS["dense"].weights[:, ::4], 4, axis=1)  # type: ignore[attr-defined]
    history = make_history(*case)
    found = Ranking(compile_model(DenseItems(np.ascontiguousarray(weights)), NONE)).rank(history, ITEMS)
    for group in range(ITEMS // 4):
        mine = found.items // 4 == group
        assert len(set(found.scores[mine].tolist())) <= 1
        assert found.items[mine].tolist() == sorted(found.items[mine].tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_seen_disliked_excluded_or_is_not_available_is_left_out(kind: str) -> None:
    history, excluded = make_history(10, 5), np.array([0, 1, 2])
    found = RANKINGS[kind].rank(history, ITEMS, excluded)
    left_out = {*history.items, *history.disliked, *excluded, *SOME}
    assert set(found.items.tolist()) == set(range(ITEMS)) - {int(item) for item in left_out}


@pytest.mark.parametrize("kind", KINDS)
def test_if_nothing_is_left_nothing_is_answered(kind: str) -> None:
    found = RANKINGS[kind].rank(make_history(5), 10, np.arange(ITEMS))
    assert found.items.tolist() == found.scores.tolist() == []


@pytest.mark.parametrize("kind", ["dense", "sparse", "factors"])
@given(case=cases, k=st.integers(1, 80))
def test_contributions_add_up_to_the_scores(kind: str, case: tuple[int, int, int], k: int) -> None:
    history = make_history(*case)
    explained, plain = RANKINGS[kind].explain(history, k), RANKINGS[kind].rank(history, k)
    assert explained.items.tolist() == plain.items.tolist()
    assert explained.scores.tolist() == plain.scores.tolist()
    assert explained.contributions is not None
    assert explained.contributions.shape == (len(history.items), len(explained.items))
    assert explained.contributions.sum(axis=0) == pytest.approx(explained.scores, abs=1e-9)
    assert explained.adds_up


@given(case=cases)
def test_a_factor_models_contributions_are_those_of_the_exact_solution(case: tuple[int, int, int]) -> None:
    """Hu, Koren and Volinsky (2008), section 5: w_h y_h A^-1 y_i is what the item h of a history adds to item i."""
    model, history = MODELS["factors"], make_history(*case)
    assert isinstance(model, Factors)
    explained = RANKINGS["factors"].explain(history, 10)
    assert explained.contributions is not None
    chosen = model.factors[history.items].astype(np.float64)
    ridge = model.regularization * (history.weights.sum() + model.unobserved * ITEMS) ** model.exponent
    matrix = np.diag(model.unobserved * model.gram + ridge) + chosen.T @ (history.weights[:, np.newaxis] * chosen)
    solved = np.linalg.solve(matrix, model.factors[explained.items].astype(np.float64).T)
    expected = history.weights[:, np.newaxis] * (chosen @ solved)
    np.testing.assert_allclose(explained.contributions, expected, rtol=0, atol=1e-9)


def test_contributions_that_are_not_the_scores_do_not_add_up() -> None:
    wrong = Ranking(double_contributions(GRAPHS["factors"]))
    assert not wrong.explain(make_history(20), 10).adds_up
    assert wrong.rank(make_history(20), 10).adds_up, "where nothing is to be explained nothing is off"


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_a_contribution_is_what_the_item_would_score_alone(kind: str) -> None:
    history = make_history(6)
    explained = RANKINGS[kind].explain(history, 10)
    assert explained.contributions is not None
    for place in range(6):
        alone = MODELS[kind].scores(history.items[place : place + 1], history.weights[place : place + 1])
        assert explained.contributions[place] == pytest.approx(alone[explained.items], abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_only_sums_over_the_history_are_explained(kind: str) -> None:
    assert RANKINGS[kind].explains == (kind != "popularity")


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_is_valid_and_the_same_each_time(kind: str) -> None:
    checker.check_model(load_from_string(GRAPHS[kind]), full_check=True)
    assert compile_model(MODELS[kind], SOME) == GRAPHS[kind]


def test_matrices_are_stored_once_in_single_precision() -> None:
    assert len(GRAPHS["dense"]) < ITEMS * ITEMS * 4 + 5_000
    assert len(GRAPHS["factors"]) < ITEMS * 6 * 4 + 20_000


@pytest.mark.parametrize("kind", KINDS)
def test_no_history_at_all_is_ranked_too(kind: str) -> None:
    empty = History(NONE, np.empty(0), NONE)
    assert largest_deviation(RANKINGS[kind], MODELS[kind], [empty], 10, SOME) == 0


def test_a_wrong_graph_is_noticed() -> None:
    other = Ranking(compile_model(WHOLE["dense"], SOME))
    assert largest_deviation(other, MODELS["dense"], [make_history(9)], 10, SOME) > TOLERANCE
    with pytest.raises(CompilationFailed, match="answers 10 items where the model has 0"):
        largest_deviation(other, MODELS["dense"], [make_history(9)], 10, np.arange(ITEMS))
    with pytest.raises(CompilationFailed, match="one that is to be left out"):
        largest_deviation(Ranking(compile_model(MODELS["dense"], NONE)), MODELS["dense"], [make_history(9)], 40, SOME)


def test_an_unknown_item_model_has_no_graph() -> None:
    class Unknown:
        count = 3

    with pytest.raises(CompilationFailed, match="Unknown can't be compiled exactly: there is no graph"):
        compile_model(Unknown(), NONE)  # type: ignore[arg-type]


def test_another_graph_is_no_recommender() -> None:
    model = load_from_string(GRAPHS["popularity"])
    del model.graph.output[2]
    with pytest.raises(GraphMismatch, match="where a recommender answers"):
        Ranking(model.SerializeToString())
    model = load_from_string(GRAPHS["popularity"])
    model.graph.input.append(model.graph.input[0])
    model.graph.input[-1].name = "more"
    with pytest.raises(GraphMismatch, match="where a recommender takes"):
        Ranking(model.SerializeToString())


@pytest.fixture(scope="module")
def shortlisted() -> Iterator[dict[str, bytes]]:
    """Graphs of models, also with whole numbers, that rank by a shortlist of two items more than are wanted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_WIDENED_BYTES", 0)
        patch.setattr(shortlist, "SPARE", 2)
        models = {f"{kind}{of}": all_[kind] for kind in LISTED for of, all_ in (("", MODELS), (", whole", WHOLE))}
        yield {name: compile_model(model, SOME) for name, model in models.items()}


LISTED = ("dense", "factors")


@pytest.mark.parametrize("kind", LISTED)
@given(case=cases, k=st.integers(1, 80))
def test_a_shortlist_has_the_answer_of_all_scores(
    shortlisted: dict[str, bytes], kind: str, case: tuple[int, int, int], k: int
) -> None:
    history, ranking = make_history(*case), Ranking(shortlisted[kind])
    assert largest_deviation(ranking, MODELS[kind], [history], k, SOME) <= TOLERANCE
    found, all_scores = ranking.rank(history, k), RANKINGS[kind].rank(history, k)
    assert found.items.tolist() == all_scores.items.tolist()
    assert found.scores == pytest.approx(all_scores.scores, rel=1e-12, abs=1e-14)
    explained = ranking.explain(history, k)
    assert explained.contributions is not None
    assert explained.contributions.sum(axis=0) == pytest.approx(found.scores, abs=1e-9)


@given(case=cases, k=st.integers(1, 80))
def test_ties_at_the_end_of_a_shortlist_are_in_the_order_of_indices(
    shortlisted: dict[str, bytes], case: tuple[int, int, int], k: int
) -> None:
    history = make_history(*case, whole=True)
    found = Ranking(shortlisted["dense, whole"]).rank(history, k)
    expected = rank_by_model(WHOLE["dense"], history, k, SOME)
    assert found.items.tolist() == expected.items.tolist()
    assert found.scores.tolist() == expected.scores.tolist()


@pytest.mark.parametrize("kind", LISTED)
def test_a_shortlist_is_enough_where_scores_differ_and_is_not_where_they_tie_or_too_few_are_left(
    shortlisted: dict[str, bytes], kind: str
) -> None:
    def is_enough(graph: bytes, excluded: Sequence[int] = ()) -> bool:
        model = load_from_string(graph)
        (branch,) = [node for node in model.graph.node if "best" in node.output]
        model.graph.output.append(helper.make_tensor_value_info(branch.input[0], TensorProto.BOOL, None))
        (sure,) = open_session(model.SerializeToString()).run(
            [branch.input[0]], feed(make_history(9), 5, np.array(excluded, dtype=np.int64))
        )
        return bool(sure.all())

    assert is_enough(shortlisted[kind])
    assert not is_enough(shortlisted[kind], range(56))
    alike: dict[str, ItemModel] = {"dense": DenseItems(np.ones((ITEMS, ITEMS), np.float32)), "factors": _all_alike()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_WIDENED_BYTES", 0)
        patch.setattr(shortlist, "SPARE", 2)
        assert not is_enough(compile_model(alike[kind], SOME))


def _all_alike() -> Factors:
    """A factor model whose items all have the same factors."""
    model = MODELS["factors"]
    assert isinstance(model, Factors)
    factors = np.tile(model.factors[:1], (ITEMS, 1))
    return replace(model, factors=factors, gram=(factors.astype(np.float64) ** 2).sum(axis=0))
