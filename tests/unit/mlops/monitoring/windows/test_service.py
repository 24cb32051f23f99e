import numpy as np
import pyarrow as pa
import pytest

from mlops.monitoring.windows.service import Latencies, Service
from mlops.records.decode import common_schema


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99, 1.0])
def test_quantiles_are_within_half_a_hundredth_however_many_values_there_are(share: float) -> None:
    values = np.random.default_rng(0).lognormal(1, 1.2, 20_000)
    latencies = Latencies()
    for part in np.array_split(values, 13):
        latencies.add(part)
    assert latencies.quantile(share) == pytest.approx(np.quantile(values, share, method="inverted_cdf"), rel=0.006)


def test_without_values_there_is_no_quantile_and_extremes_are_counted_at_the_ends() -> None:
    latencies = Latencies()
    assert latencies.quantile(0.5) is None
    latencies.add(np.array([np.nan, 0.0, 1e12]))
    least, most = latencies.quantile(0.1), latencies.quantile(1.0)
    assert least is not None
    assert most is not None
    assert least < 0.002
    assert most > 1e7


def records(**columns: list[object]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    schema = common_schema()
    given = [pa.array(columns.get(field.name, [None] * rows), field.type) for field in schema]
    return pa.table(given, schema)


def test_the_most_frequent_challenger_is_compared_by_the_labels_that_both_gave() -> None:
    service = Service()
    service.add(
        records(
            role=["champion"] * 5,
            label=["a", "a", "b", "b", "a"],
            challenger_label=["a", "b", "b", None, None],
            challenger_version=[4, 4, 4, 5, None],
        )
    )
    facts = service.facts()
    assert (facts.predictions, facts.challenger) == (5, 4)
    assert facts.disagreement is not None
    assert (facts.disagreement.value, facts.disagreement.rows) == (1 / 3, 3)


def test_numbers_are_not_compared_and_the_commonest_role_stands() -> None:
    service = Service()
    service.add(
        records(role=["champion", "requested", "requested"], value=[1.0, 2.0, 3.0], challenger_version=[4, 4, 4])
    )
    facts = service.facts()
    assert (service.role, facts.challenger, facts.disagreement) == ("requested", 4, None)
