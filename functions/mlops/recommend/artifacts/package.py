"""The files of a recommender's version, readable by people, MLflow and the serving function."""

import json
from dataclasses import dataclass
from typing import Any

import yaml

from mlops.artifact.names import CARD, CONTRACT, EVIDENCE, GOLDEN, INPUT_EXAMPLE, MODEL, PROFILE
from mlops.artifact.recommender.golden import read_golden
from mlops.artifact.recommender.ranking import INPUTS, OUTPUTS
from mlops.pages.canvas import Plot
from mlops.recommend.artifacts.card import Card, write_card
from mlops.recommend.artifacts.plots import draw_plots
from mlops.recommend.artifacts.profile import profile
from mlops.recommend.compile.package import Catalogue, make_files
from mlops.recommend.interactions import Interactions
from mlops.recommend.learn import Learned
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.spec import RecommenderSpec

_NUMPY_TYPES = {"tensor(int64)": "int64", "tensor(double)": "float64", "tensor(bool)": "bool"}
_EXAMPLE_ITEMS = 3


@dataclass(frozen=True)
class Package:
    """The files of a version by name, all but the card, and the plots among them with their captions."""

    files: dict[str, bytes]
    plots: tuple[Plot, ...]

    def finished(self, manifest: RecommenderManifest, evidence: bytes, spec: RecommenderSpec) -> dict[str, bytes]:
        """The files with the evidence and the card, which shows the manifest."""
        card = Card(manifest, spec.description, spec.uses, spec.cautions, self.plots)
        return {**self.files, EVIDENCE: evidence, CARD: write_card(card)}


def make_package(
    learned: Learned, interactions: Interactions, catalogue: Catalogue, spec: RecommenderSpec, key: bytes
) -> Package:
    """The files that follow from what was learnt: the same arguments give the same bytes.

    `key` is the privacy key, by which users' ids are hashed. Raises CompilationFailed.
    """
    contract, plots = spec.interactions, draw_plots(learned.test, spec)
    pairs = interactions.pairs()
    served = make_files(learned.model, catalogue, interactions.users.tolist(), pairs, spec.k, contract.user, key)
    return Package(
        {
            **served,
            CONTRACT: contract.model_dump_json(indent=2).encode(),
            PROFILE: _json(profile(interactions, contract)),
            INPUT_EXAMPLE: _json(_example(served[GOLDEN], catalogue, spec)),
            "MLmodel": yaml.safe_dump(_mlmodel(), sort_keys=False).encode(),
            **{f"plots/{plot.name}.svg": plot.svg for plot in plots},
        },
        plots,
    )


def _example(golden: bytes, catalogue: Catalogue, spec: RecommenderSpec) -> dict[str, Any]:
    """A request: what the shortest golden history has, as events that the contract gives the largest weight."""
    histories = [each.history for each in read_golden(golden) if len(each.history.items)]
    items = histories[0].items[:_EXAMPLE_ITEMS].tolist() if histories else []
    event = max(spec.events, key=lambda name: spec.events[name] or 0.0)
    return {"history": [{"item": catalogue.ids[item], "event": event} for item in items], "k": spec.k}


def _mlmodel() -> dict[str, Any]:
    """The MLmodel file: the graph as MLflow's ONNX flavour, with its tensors as signature."""
    tensors = {
        kind: json.dumps(
            [
                {"name": name, "type": "tensor", "tensor-spec": {"dtype": _NUMPY_TYPES[type_], "shape": _shape(sizes)}}
                for name, (type_, sizes) in declared.items()
            ]
        )
        for kind, declared in (("inputs", INPUTS), ("outputs", OUTPUTS))
    }
    return {
        "flavors": {"onnx": {"data": MODEL, "providers": ["CPUExecutionProvider"]}},
        "signature": {**tensors, "params": None},
    }


def _shape(sizes: list[int | None]) -> list[int]:
    return [-1 if size is None else size for size in sizes]


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False).encode()
