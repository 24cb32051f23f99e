"""No value of a private column in any answer, page, log line or metric of the API, through whatever door it came."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from obstore.store import MemoryStore

from mlops.intake.training import Upload
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.serving.scorer import Scorer
from tests.unit.mlops.private_patients import BORN, INCOMES, NAMES, STRAY, VISITS, leaks, make_lines, make_spec, to_csv
from tests.unit.mlops.serving.artifacts import challenge_with
from tests.unit.mlops.serving.harness import Answer, Api
from tests.unit.mlops.training.fakes import CODE, Bench

ROW = {
    "dose": 5.5,
    "income": float(INCOMES[0]),
    "visits": int(VISITS[0]),
    "born": BORN[0],
    "smoker": True,
    "ward": "north",
    "surname": NAMES[0],
}
NAMES_OF_ROW = [*ROW]
HEADERLESS = ",".join("true" if cell is True else str(cell) for cell in ROW.values())


def tensors(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    types = {float: "FP64", int: "INT64", bool: "BOOL", str: "BYTES"}
    inputs = [{"name": k, "datatype": types[type(v)], "shape": [1], "data": [v]} for k, v in row.items()]
    return {"inputs": inputs, **more}


def split(names: list[str], *cells: Any) -> dict[str, Any]:
    return {"dataframe_split": {"columns": names, "data": [[*cells]]}}


RENAMED = {(STRAY if name == "surname" else name): cell for name, cell in ROW.items()}
WRONG = {
    **ROW,
    "income": STRAY,
    "visits": [STRAY],
    "born": STRAY,
    "smoker": STRAY,
    "ward": STRAY,
    "surname": {STRAY: 1},
}
BEYOND = {**ROW, "income": float(f"9{INCOMES[1]}"), "visits": float(f"{VISITS[1]}.5"), "surname": [*NAMES]}
VALUES = [*ROW.values()]
V2 = "/v2/models/patients/infer"
ASKED: dict[str, tuple[str, dict[str, Any] | str]] = {
    "predict": ("/predict", {"rows": [ROW]}),
    "predict by name": ("/models/patients/predict", {"rows": [ROW, ROW]}),
    "predict by version": ("/models/patients/versions/1/predict", {"rows": [ROW]}),
    "predict, many rows": ("/predict", {"rows": [ROW] * 1_200}),
    "predict, an unknown column": ("/predict", {"rows": [{**ROW, STRAY: 1}]}),
    "predict, a renamed column": ("/predict", {"rows": [RENAMED] * 3}),
    "predict, a name like a column's": ("/predict", {"rows": [{**ROW, f"surname {STRAY}": 1}]}),
    "predict, wrong cells": ("/predict", {"rows": [WRONG]}),
    "predict, cells out of range": ("/predict", {"rows": [BEYOND]}),
    "predict, rows that are values": ("/predict", {"rows": [STRAY, [*NAMES]]}),
    "predict, another member": ("/predict", {"rows": [ROW], STRAY: 1}),
    "predict, no rows": ("/predict", {STRAY: [ROW]}),
    "predict, not JSON": ("/predict", f'{{"rows": [{{"surname": {STRAY}}}]}}'),
    "csv": ("/invocations", ",".join(NAMES_OF_ROW) + "\n" + HEADERLESS),
    "csv, no header": ("/invocations", f"{HEADERLESS}\n{HEADERLESS}\n"),
    "csv, no header and a name twice": ("/invocations", f"{HEADERLESS},{NAMES[0]},{NAMES[0]}\n{HEADERLESS}\n"),
    "csv, a shorter row": ("/invocations", ",".join(NAMES_OF_ROW) + f"\n{STRAY}\n"),
    "csv, wrong cells": ("/invocations", ",".join(NAMES_OF_ROW) + "\n" + ",".join(["5.5", *[STRAY] * 6])),
    "csv, an open quote": ("/invocations", ",".join(NAMES_OF_ROW) + f'\n"{STRAY}'),
    "split": ("/invocations", split(NAMES_OF_ROW, *VALUES)),
    "split, values as names": ("/invocations", split([*map(str, VALUES)], *VALUES)),
    "split, a name twice": ("/invocations", split([*NAMES_OF_ROW, STRAY, STRAY], *VALUES, 1, 1)),
    "split, another member": ("/invocations", {"dataframe_split": {"data": [VALUES], STRAY: 1}}),
    "split, a shorter row": ("/invocations", split(NAMES_OF_ROW, STRAY)),
    "records": ("/invocations", {"dataframe_records": [ROW]}),
    "records, renamed": ("/invocations", {"dataframe_records": [RENAMED]}),
    "instances": ("/invocations", {"instances": [VALUES]}),
    "instances, wrong cells": ("/invocations", {"instances": [[5.5, *[STRAY] * 6]]}),
    "inputs": ("/invocations", {"inputs": {name: [cell] for name, cell in ROW.items()}}),
    "inputs, renamed": ("/invocations", {"inputs": {name: [cell] for name, cell in RENAMED.items()}}),
    "two forms": ("/invocations", {"inputs": ROW, "instances": [VALUES], STRAY: 1}),
    "another member of a form": ("/invocations", {"inputs": ROW, STRAY: 1}),
    "parameters": ("/invocations", {"inputs": ROW, "params": {STRAY: 1}}),
    "v2": (V2, tensors(ROW)),
    "v2, renamed": (V2, tensors(RENAMED)),
    "v2, an input twice": (V2, {"inputs": tensors(RENAMED)["inputs"] * 2}),
    "v2, another member": (V2, tensors(ROW, **{STRAY: 1})),
    "v2, another output": (V2, tensors(ROW, outputs=[{"name": STRAY}])),
    "v2, an output's member": (V2, tensors(ROW, outputs=[{"name": "label", STRAY: 1}])),
    "v2, an output's parameter": (V2, tensors(ROW, outputs=[{"name": "label", "parameters": {STRAY: 1}}])),
    "v2, a datatype": (V2, {"inputs": [{"name": "surname", "datatype": STRAY, "shape": [1], "data": [STRAY]}]}),
    "v2, a shape": (V2, {"inputs": [{"name": STRAY, "datatype": "BYTES", "shape": [STRAY], "data": [STRAY]}]}),
    "v2, too few values": (V2, {"inputs": [{"name": STRAY, "datatype": "BYTES", "shape": [3], "data": [STRAY]}]}),
    "v2, a tensor's member": (
        V2,
        {"inputs": [{"name": "surname", "datatype": "BYTES", "shape": [1], "data": [STRAY], STRAY: 1}]},
    ),
    "v2, a tensor's parameter": (
        V2,
        {"inputs": [{"name": "surname", "datatype": "BYTES", "shape": [1], "data": [STRAY], "parameters": {STRAY: 1}}]},
    ),
    "v2, wrong cells": (V2, tensors({**ROW, "income": STRAY, "born": STRAY, "ward": STRAY})),
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> MemoryStore:
    """A registry with two versions of patients, the first one champion."""
    bench = Bench()
    for seed in (4, 5):
        upload = Upload(uri="s3://data/x.csv", s3_version="v", content=to_csv(make_lines(seed=seed)))
        bench.trainer.train(upload, make_spec(), CODE)
    aliases = Aliases(bench.store, "patients")
    seen = aliases.read(CHAMPION) if CHAMPION in aliases.names() else None
    aliases.move(CHAMPION, 1, by="test", why="it is known", seen=seen)
    return bench.store


@pytest.fixture
def store(registry: MemoryStore) -> MemoryStore:
    return registry


def send(api: Api, asked: str, query: str = "") -> Answer:
    path, body = ASKED[asked]
    if path == "/invocations" and isinstance(body, str):
        return api.ask("POST", path, body, query, content_type="text/csv")
    return api.ask(
        "POST", path, body if isinstance(body, str) else json.dumps(body), query, content_type="application/json"
    )


GOOD = {
    "predict",
    "predict by name",
    "predict by version",
    "predict, many rows",
    "csv",
    "split",
    "records",
    "instances",
    "inputs",
    "v2",
    "v2, an output's parameter",
}


@pytest.mark.parametrize("key", ["", "a key"], ids=["without a key", "with a key"])
@pytest.mark.parametrize("asked", ASKED)
def test_no_door_repeats_a_private_value_in_an_answer_a_log_line_or_a_metric(
    store: MemoryStore,
    open_api: Callable[..., Api],
    capsys: pytest.CaptureFixture[str],
    asked: str,
    key: str,
) -> None:
    api = open_api(privacy_key=key, default_model="patients")
    answer = send(api, asked)
    assert (answer.status == 200) == (asked in GOOD), answer.body
    printed = capsys.readouterr()
    assert leaks(answer.body) == []
    assert leaks(json.dumps(answer.headers)) == []
    assert leaks(printed.out + printed.err) == []
    assert "adoption" in printed.out
    assert ("rejection" in printed.out) == (asked not in GOOD)


def test_an_explained_answer_and_its_record_have_no_private_value(
    store: MemoryStore, open_api: Callable[..., Api], capsys: pytest.CaptureFixture[str]
) -> None:
    api = open_api(default_model="patients")
    answer = send(api, "predict", "explain=true")
    assert answer.status in (200, 422), answer.body
    printed = capsys.readouterr()
    assert leaks(answer.body + printed.out.encode() + printed.err.encode()) == []


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/docs", "/models", "/models/patients", "/health", "/v2/models/patients"]
)
def test_no_page_shows_a_private_value(
    store: MemoryStore, open_api: Callable[..., Api], capsys: pytest.CaptureFixture[str], path: str
) -> None:
    answer = open_api(default_model="patients").ask("GET", path)
    assert answer.status == 200
    printed = capsys.readouterr()
    assert leaks(answer.body + printed.out.encode() + printed.err.encode()) == []


@pytest.mark.parametrize("version", ["the champion", "the challenger"])
def test_an_error_of_ours_does_not_repeat_the_rows_that_it_met(
    store: MemoryStore,
    open_api: Callable[..., Api],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    version: str,
) -> None:
    if version == "the challenger":
        challenge_with(store, 2, model="patients")
    api = open_api(default_model="patients", follow_seconds=0)
    if version == "the challenger":
        api.models.challenger("patients").poll()
    score = Scorer.score

    def fail(self: Scorer, rows: Any) -> Any:
        if version == "the challenger" and self.manifest.version == 1:
            return score(self, rows)
        raise ValueError(f"can't use {rows[0]}")

    monkeypatch.setattr(Scorer, "score", fail)
    answers = [send(api, asked) for asked in ("predict", "csv", "v2") for _ in range(3)]
    printed = capsys.readouterr()
    assert {answer.status for answer in answers} == {500 if version == "the champion" else 200}
    assert "ValueError" in printed.out
    assert leaks(printed.out + printed.err) == []
    assert all(leaks(answer.body) == [] for answer in answers)
