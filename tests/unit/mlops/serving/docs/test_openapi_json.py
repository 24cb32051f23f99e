"""The OpenAPI document is what clients are generated from: it changes on purpose or not at all.

`openapi.json` next to this file is the document for a model of numbers and one of mixed columns. After a change on
purpose, write it again:
`python -m tests.unit.mlops.serving.docs.test_openapi_json`.
"""

import json
from pathlib import Path
from typing import Any

from obstore.store import MemoryStore

from mlops.contract import Contract
from mlops.registry.store import Store
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger
from tests.unit.mlops.serving.artifacts import CONTRACT, MIXED, promote, put_version

KEPT = Path(__file__).with_name("openapi.json")
ROWS: dict[str, tuple[Contract, dict[str, Any]]] = {
    "diagnosis": (CONTRACT, {"mean radius": 1.5, "mean texture": 2.0}),
    "mixed": (
        MIXED,
        {"age": 30, "city": "Bern", "smokes": True, "size": None, "since": "1970-01-11", "weight": 70.5},
    ),
}


def describe() -> dict[str, Any]:
    store: Store = MemoryStore()
    for model, (contract, row) in ROWS.items():
        put_version(store, 1, model=model, contract=contract, golden_rows=json.dumps({"rows": [row]}).encode())
        promote(store, 1, model)
    settings, log = (
        ApiSettings(models_bucket="models", records_bucket="records", authorization="open"),
        ServingLog(make_logger(), "", Recording()),
    )
    return create_app(settings, store, ServedModels(store, settings, log), log).openapi()


def test_the_openapi_document_is_the_one_that_is_kept() -> None:
    document = describe()
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert document["paths"].keys() == kept["paths"].keys()
    for path, item in document["paths"].items():
        assert item == kept["paths"][path], path
    assert document == kept


if __name__ == "__main__":
    KEPT.write_text(json.dumps(describe(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
