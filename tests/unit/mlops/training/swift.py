"""Trainings of tables in a fraction of the time."""

from collections.abc import Callable
from itertools import count
from threading import Lock
from typing import Any

import pandas as pd
import pytest

from mlops.evaluation.gates.footprint import Footprint
from mlops.registry.manifest.search import Search
from mlops.spec import ModelSpec
from mlops.training import flow
from mlops.training.artifacts import package
from mlops.training.artifacts.plots.gallery import draw_plots
from mlops.training.compile import check, probe_rows
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.measurement import evaluate
from mlops.training.gates import examination
from mlops.training.search import search


def once(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which works once for each table, model and candidates that it's given."""
    known: dict[object, Any] = {}
    # Trainings at once are threads here and processes in truth: what draws isn't made for threads.
    lock = Lock()

    def call(*arguments: Any, **options: Any) -> Any:
        tables = [each for each in arguments if isinstance(each, pd.DataFrame)]
        cells = tuple(int(value) for table in tables for value in pd.util.hash_pandas_object(table))
        specs = [each for each in arguments if isinstance(each, ModelSpec)]
        asked = tuple((repr(spec.candidates), spec.trials, spec.search_seconds) for spec in specs)
        before = tuple(len(each.trials) for each in arguments if isinstance(each, Search))
        models = [each for each in arguments if isinstance(each, CompiledModel)]
        answers = tuple(model.predict(table).tobytes() for model in models for table in tables)
        key = cells, asked, before, answers
        with lock:
            if key not in known:
                known[key] = function(*arguments, **options)
        return known[key]

    return call


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings that search, draw and judge a table once; each try still measures another time, as in truth."""
    times = count(1)
    monkeypatch.setattr(flow, "search", once(search))
    monkeypatch.setattr(package, "draw_plots", once(draw_plots))
    monkeypatch.setattr(examination, "evaluate", once(evaluate))
    monkeypatch.setattr(check, "probe_rows", once(probe_rows))
    monkeypatch.setattr(
        examination,
        "measure_footprint",
        lambda *_: Footprint(size_mb=1, load_seconds=0.01, memory_mb=1, latency_ms=next(times) / 1000),
    )
