"""The API logs what the schema of records says, so that Athena's columns and readers find it."""

from mlops.records.schema import PREDICTION_FIELDS
from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import linear_graph, put_version
from tests.unit.mlops.serving.harness import Api

# Members of every log line, which nobody asks records for.
LOGGING = {"level", "message", "service", "xray_trace_id"}


def test_what_the_api_logs_of_a_prediction_is_in_the_schema(store: Store, api: Api) -> None:
    put_version(store, 2, graph=linear_graph(2))
    api.predict({"mean radius": 3.0, "mean texture": 2.0})
    record, _ = api.printed()
    assert record.keys() - LOGGING <= {field.name for field in PREDICTION_FIELDS}
    assert {"prediction_id", "timestamp", "model_version", "inputs", "label"} <= record.keys()
