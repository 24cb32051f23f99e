from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, KBinsDiscretizer, StandardScaler

from mlops.training.compile import probe_rows
from tests.unit.mlops.training.compile.tables import DENSE, contract, parity, table, target


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
@pytest.mark.filterwarnings("ignore:Bins whose width are too small")
def test_bins_are_exact_at_their_edges(strategy: str, encode: str) -> None:
    bins = KBinsDiscretizer(6, strategy=strategy, encode=encode, quantile_method="averaged_inverted_cdf")
    assert parity(make_pipeline(bins, Ridge()), "regression", *DENSE).difference < 1e-12


def test_a_threshold_is_exact() -> None:
    assert parity(make_pipeline(Binarizer(threshold=5), Ridge()), "regression", *DENSE).difference < 1e-12


@pytest.mark.parametrize("scale", [[], [StandardScaler()]], ids=["bare", "scaled"])
def test_rows_are_placed_at_the_edges_of_bins_and_one_rounding_beside_them(scale: list[Any]) -> None:
    rows = table()[list(DENSE)]
    bins = KBinsDiscretizer(4, strategy="uniform", encode="ordinal")
    model = make_pipeline(*scale, bins, Ridge()).fit(rows, target(table(), "regression"))
    probes = probe_rows(model, contract("regression", *DENSE), rows, np.random.default_rng(0), 2000)
    for position, name in enumerate(DENSE):
        for edge in bins.bin_edges_[position][1:-1]:
            if scale:
                row = np.zeros((1, len(DENSE)))
                row[0, position] = edge
                edge = model[0].inverse_transform(row)[0, position]
            nearest = np.sort(np.abs(probes[name].to_numpy() - edge))[:3]
            assert (nearest <= 4 * np.spacing(abs(edge))).all()
