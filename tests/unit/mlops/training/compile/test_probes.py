from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mlops.contract import Column, Contract
from mlops.training.compile import probe_rows
from mlops.training.compile.probes import UNSEEN
from tests.unit.mlops.training.compile.tables import DENSE, contract, prepared, table, target


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def dense() -> pd.DataFrame:
    return table()[list(DENSE)]


def test_each_threshold_has_rows_at_it_and_one_rounding_off_in_both_precisions() -> None:
    model = DecisionTreeClassifier(max_leaf_nodes=20).fit(dense(), target(table(), "binary"))
    probes = probe_rows(model, contract("binary", *DENSE), dense(), rng(), 5000)
    inner = model.tree_.feature >= 0
    assert inner.sum() == 19
    for feature, threshold in zip(model.tree_.feature[inner], model.tree_.threshold[inner], strict=True):
        values = set(probes.iloc[:, feature])
        single = np.float32(threshold)
        assert {threshold, np.nextafter(threshold, -np.inf), np.nextafter(threshold, np.inf)} <= values
        assert {float(np.nextafter(single, np.float32(way))) for way in (-np.inf, np.inf)} | {float(single)} <= values


def test_the_rows_of_a_threshold_come_to_its_node() -> None:
    model = DecisionTreeClassifier(max_leaf_nodes=40).fit(dense(), target(table(), "binary"))
    probes = probe_rows(model, contract("binary", *DENSE), dense(), rng(), 5000)
    passed = model.decision_path(probes).toarray().astype(bool)
    tree = model.tree_
    nodes = np.flatnonzero(tree.feature >= 0)
    assert len(nodes) == 39
    for node in nodes:
        at = probes.loc[passed[:, node], dense().columns[tree.feature[node]]]
        assert {tree.threshold[node], np.nextafter(tree.threshold[node], np.inf)} <= set(at)


def test_every_tree_and_feature_is_covered_even_beyond_the_limit() -> None:
    model = RandomForestClassifier(30, max_depth=3, random_state=0).fit(dense(), target(table(), "binary"))
    probes = probe_rows(model, contract("binary", *DENSE), dense(), rng(), 20)
    for member in model.estimators_:
        inner = member.tree_.feature >= 0
        cells = zip(member.tree_.feature[inner], member.tree_.threshold[inner], strict=True)
        assert any((probes.iloc[:, feature] == threshold).any() for feature, threshold in cells)
    used = {feature for member in model.estimators_ for feature in member.tree_.feature if feature >= 0}
    at = {
        feature
        for member in model.estimators_
        for feature, threshold in zip(member.tree_.feature, member.tree_.threshold, strict=True)
        if feature >= 0 and (probes.iloc[:, feature] == threshold).any()
    }
    assert at == used


def test_every_feature_of_a_single_tree_is_covered_even_beyond_the_limit() -> None:
    model = DecisionTreeClassifier(max_leaf_nodes=40).fit(dense(), target(table(), "binary"))
    probes = probe_rows(model, contract("binary", *DENSE), dense(), rng(), 1)
    for feature in range(len(DENSE)):
        thresholds = model.tree_.threshold[model.tree_.feature == feature]
        assert set(thresholds) & set(probes.iloc[:, feature])


def test_thresholds_behind_a_scaler_are_straddled_in_the_scale_of_the_data() -> None:
    model = make_pipeline(StandardScaler(), DecisionTreeClassifier(max_leaf_nodes=10))
    model.fit(dense(), target(table(), "binary"))
    probes = probe_rows(model, contract("binary", *DENSE), dense(), rng(), 3000)
    scaled = model[0].transform(probes)
    tree = model[1].tree_
    splits = tree.feature >= 0
    assert splits.sum() == 9
    for feature, threshold in zip(tree.feature[splits], tree.threshold[splits], strict=True):
        nearest = scaled[np.argsort(np.abs(scaled[:, feature] - threshold))[:6], feature]
        assert np.allclose(nearest, threshold, rtol=1e-5, atol=1e-5)
        assert nearest.min() <= threshold < nearest.max()


def test_missing_values_occur_where_the_contract_allows_them_and_nowhere_else() -> None:
    model = prepared(LogisticRegression(max_iter=500)).fit(table(), target(table(), "binary"))
    whole = table().dropna()
    probes = probe_rows(model, contract("binary"), whole, rng(), 2000)
    assert {name for name in probes if probes[name].isna().any()} == {"income", "heating", "garden"}
    assert probes[["income", "heating", "garden"]].isna().all(axis=1).any()


def test_unseen_categories_occur_where_the_contract_leaves_them_open_and_nowhere_else() -> None:
    model = prepared(LogisticRegression(max_iter=500)).fit(table(), target(table(), "binary"))
    probes = probe_rows(model, contract("binary"), table(), rng(), 2000)
    assert UNSEEN in set(probes["city"])
    assert set(probes["heating"].dropna()) == {"gas", "oil", "none"}


def test_numbers_go_to_the_ends_of_the_contract_and_beyond_the_data_where_there_are_none() -> None:
    model = LogisticRegression(max_iter=2000).fit(dense(), target(table(), "binary"))
    probes = probe_rows(model, contract("binary", *DENSE), dense(), rng(), 2000)
    assert (probes["rooms"].min(), probes["rooms"].max()) == (0, 20)
    assert probes["built"].max() > 5 * dense()["built"].max()


def test_the_same_generator_gives_the_same_rows_and_leaves_the_data_as_they_were() -> None:
    data = table()
    model = prepared(RandomForestClassifier(5, random_state=0)).fit(data, target(data, "binary"))
    first, second = (probe_rows(model, contract("binary"), data, rng(), 1000) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(data, table())
    assert list(first.columns) == list(contract("binary").names)


def test_a_greater_limit_gives_more_probes() -> None:
    model = RandomForestClassifier(5, random_state=0).fit(dense(), target(table(), "binary"))
    sizes = [
        len(probe_rows(model, contract("binary", *DENSE), dense(), rng(), limit)) for limit in (200, 400, 800, 1600)
    ]
    assert all(small < large for small, large in pairwise(sizes))
    assert sizes[-1] <= 1600


def test_whole_numbers_and_truth_values_come_back_as_float64() -> None:
    columns = (Column(name="rooms", kind="integer"), Column(name="garden", kind="boolean"))
    asked = Contract(columns=columns, target=contract("binary").target)
    data = pd.DataFrame({"rooms": [1, 2, 3, 4], "garden": [True, False, True, False]})
    model = DecisionTreeClassifier().fit(data, ["yes", "no", "no", "yes"])
    assert set(probe_rows(model, asked, data, rng(), 50).dtypes) == {np.dtype(np.float64)}


def test_no_rows_make_no_probes() -> None:
    model = DecisionTreeClassifier().fit(dense(), target(table(), "binary"))
    with pytest.raises(ValueError, match="no rows"):
        probe_rows(model, contract("binary", *DENSE), dense().head(0), rng(), 100)
