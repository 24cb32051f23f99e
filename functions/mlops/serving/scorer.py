"""A model version in memory: rows in, labels and probabilities out, by ONNX Runtime on one thread."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from onnxruntime.capi import onnxruntime_pybind11_state as onnx

from mlops.artifact.decision import make_decision
from mlops.artifact.inputs import Inputs
from mlops.artifact.names import GOLDEN, MODEL
from mlops.artifact.session import open_session
from mlops.errors.registry import ArtifactInvalid
from mlops.errors.serving import BodyTooLarge, BodyUnreadable, InputRejected
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions
from mlops.serving.rows.reader import Row, RowReader

TOLERANCE = 1e-6

# What a function of 1,769 MB can load while the model before it still serves.
MAX_BYTES = 200_000_000

ONNX_FAULTS = (
    onnx.EPFail,
    onnx.Fail,
    onnx.InvalidArgument,
    onnx.InvalidGraph,
    onnx.InvalidProtobuf,
    onnx.NoModel,
    onnx.NotImplemented,
    onnx.RuntimeException,
)


@dataclass(frozen=True)
class Scores:
    """A model's answer to N rows: labels [N] and probabilities [N, k] in the contract's order, or values [N] alone."""

    labels: list[str]
    answer: NDArray[np.float64]

    @cached_property
    def probabilities(self) -> list[list[float]]:
        """The answer of a classifier."""
        chances: list[list[float]] = self.answer.tolist()
        return chances

    @cached_property
    def values(self) -> list[float]:
        """The answer of a regressor."""
        values: list[float] = self.answer.tolist()
        return values

    def rounded(self, digits: int) -> "Scores":
        """The same, as a client sees it: probabilities to so many decimals, values to so many significant digits.

        0 leaves all digits. Labels were decided before.
        """
        if not digits:
            return self
        if self.labels:
            return Scores(self.labels, np.round(self.answer, digits))
        return Scores(self.labels, np.array([round_significant(value, digits) for value in self.values]))


class Scorer:
    """One model version, ready to answer."""

    def __init__(self, manifest: Manifest, model: bytes, max_rows: int) -> None:
        self.manifest = manifest
        self.contract = manifest.contract
        self.reader = RowReader(manifest.contract, max_rows)
        self._session = load_session(manifest, model)
        self._output = "probabilities" if self.contract.target.labels else "value"
        self.inputs = Inputs(self.contract)
        self._decide = make_decision(self.contract.target, manifest.threshold)
        self._check_graph()

    @classmethod
    def load(cls, versions: Versions, number: int, max_rows: int) -> Self:
        """Read a version and try it on its golden rows. Raises VersionNotFound, or ArtifactInvalid with the reason."""
        return cls.load_files(versions, versions.table(number), max_rows)

    @classmethod
    def load_files(cls, versions: Versions, manifest: Manifest, max_rows: int) -> Self:
        """Read the files of a version whose manifest was read. Raises ArtifactInvalid with the reason."""
        size = manifest.files[MODEL].size if MODEL in manifest.files else 0
        if size > MAX_BYTES:
            reason = f"{MODEL} has {size:,} bytes, and {MAX_BYTES:,} can be loaded next to the model that serves"
            raise ArtifactInvalid(manifest.model, manifest.version, reason)
        scorer = cls(manifest, versions.read(manifest, MODEL), max_rows)
        scorer.check_golden(versions.read(manifest, GOLDEN))
        return scorer

    def score(self, rows: Sequence[Row]) -> Scores:
        """The model's answer to rows that keep the contract. Raises ArithmeticError if it isn't finite."""
        answer = self._run(rows)
        if not np.isfinite(answer).all():
            raise ArithmeticError(f"{self.manifest.model} version {self.manifest.version} gave an infinity or NaN")
        names = self.contract.target.labels
        return Scores([names[place] for place in self._decide(answer).tolist()] if names else [], answer)

    def check_golden(self, content: bytes) -> None:
        """Raise ArtifactInvalid if the model's answers to its golden rows differ from those of its estimator."""
        try:
            golden = json.loads(content)
            reader = RowReader(self.contract, max_rows=len(golden["rows"]))
            rows = reader.read(json.dumps({"rows": golden["rows"]}).encode())
            expected = np.array(golden["probabilities" if self.contract.target.labels else "values"], dtype=np.float64)
        except (InputRejected, BodyUnreadable, BodyTooLarge, ValueError, KeyError, TypeError) as error:
            raise self._invalid(f"{GOLDEN} can't be used: {error}") from error
        if len(expected) != len(rows):
            raise self._invalid(f"{GOLDEN} has {len(rows)} rows and {len(expected)} answers")
        try:
            answer = self._run(rows)
        except ONNX_FAULTS as error:
            raise self._invalid(f"{MODEL} fails on its golden rows: {error}") from error
        if answer.shape != expected.shape:
            raise self._invalid(f"{MODEL} answers {answer.shape} where {GOLDEN} has {expected.shape}")
        off = np.abs(answer - expected)
        if not np.all(off <= TOLERANCE):
            raise self._invalid(f"it misses its golden rows by {float(np.max(off)):.3g}, {TOLERANCE:g} is allowed")

    def _run(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        answer: NDArray[np.float64] = self._session.run([self._output], self.inputs(rows))[0]
        return answer

    def _check_graph(self) -> None:
        labels = self.contract.target.labels
        seen = {node.name: (node.type, node.shape[1:]) for node in self._session.get_inputs()}
        wanted: dict[str, Any] = self.inputs.signature()
        if seen != wanted:
            raise self._invalid(f"the model takes {_describe(seen)} where its contract makes {_describe(wanted)}")
        outputs = {node.name: (node.type, node.shape[1:]) for node in self._session.get_outputs()}
        if self._output not in outputs or outputs[self._output][0] != "tensor(double)":
            raise self._invalid(f"the model has no output {self._output} of doubles, only {_describe(outputs)}")
        if not labels and outputs[self._output][1]:
            raise self._invalid(f"the model gives {_describe(outputs)} where a regression has one value a row")
        if labels and outputs[self._output][1] != [len(labels)]:
            raise self._invalid(f"the model gives {_describe(outputs)} where its contract has {len(labels)} labels")

    def _invalid(self, reason: str) -> ArtifactInvalid:
        return ArtifactInvalid(self.manifest.model, self.manifest.version, reason)


def round_significant(value: float, digits: int) -> float:
    """A number to so many significant digits."""
    return float(f"{value:.{digits}g}")


def load_session(manifest: Manifest, model: bytes, name: str = MODEL) -> InferenceSession:
    """A session of one of a version's graphs. Raises ArtifactInvalid."""
    try:
        return open_session(model)
    except ONNX_FAULTS as error:
        raise ArtifactInvalid(manifest.model, manifest.version, f"{name} doesn't load: {error}") from error


def _describe(nodes: dict[str, Any]) -> str:
    return ", ".join(f"{name} {kind}{shape}" for name, (kind, shape) in nodes.items()) or "nothing"
