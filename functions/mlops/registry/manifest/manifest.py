"""The manifest: what a model version is, file by file, and where it came from."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from mlops.contract import Contract
from mlops.registry.manifest.evidence import Comparison, Estimate, Slice
from mlops.registry.manifest.search import Search

FORMAT: Literal[1] = 1

type Kind = Literal["table", "recommender"]
TABLE: Literal["table"] = "table"
RECOMMENDER: Literal["recommender"] = "recommender"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class File(_Frozen):
    """One file of a version. `sha256` is hexadecimal, `size` is in bytes."""

    sha256: str
    size: int


class Dataset(_Frozen):
    """The dataset version that was trained on: its address, S3 version, content digest and shape.

    `rows` were split into training and test rows; `rejected_rows` more broke the contract and were left out, as were
    `unlabelled_rows`, which have no target. `sha256` digests the file, `rows_sha256` the rows in any spelling.
    `incident` is the id of the model's incident that assembled it, None where a person uploaded it.
    """

    uri: str
    s3_version: str | None
    sha256: str
    rows: int
    columns: int
    rejected_rows: int = 0
    unlabelled_rows: int = 0
    rows_sha256: str = ""
    incident: str | None = None


class Code(_Frozen):
    """The code that trained: `sha256` digests library and spec; `commit` is git's, where it is known."""

    sha256: str
    commit: str


class Gate(_Frozen):
    """One test that a candidate passes or isn't promoted, with the observed and the required value.

    One that failed and is `approvable` waits for a person: it says that the data contradict what was known, and only a
    person knows which is right.
    """

    name: str
    passed: bool
    observed: float | str | None = None
    required: float | str | None = None
    detail: str | None = None
    approvable: bool = False


class VersionManifest(_Frozen):
    """What the versions of every kind of model have.

    `metrics` is `{split: {metric: value}}`, split one of train, test, baseline (the trivial model's, on the test rows),
    and validation, which has `candidate/metric` from cross-validation; a metric that isn't defined is left out.
    `estimates` are the test metrics with their intervals, `slices` the same on parts of the test rows, `too_small` the
    parts that can't be judged. `estimator` names the winning candidate's classes, `parameters` are its own, `search` is
    how it was found. `comparison` is the comparison with the champion at that time; None: there was none.
    `comparison_with_best` is that with the best earlier version, where it isn't the champion. `remarks` are what nobody
    should miss who uses it.
    """

    format: Literal[1] = FORMAT
    kind: Kind
    model: str
    version: int
    training_key: str
    created_at: datetime
    seed: int
    dataset: Dataset
    code: Code
    libraries: dict[str, str]
    candidate: str
    estimator: str = ""
    parameters: dict[str, Any]
    search: Search | None = None
    metrics: dict[str, dict[str, float]]
    estimates: dict[str, Estimate] = {}
    slices: tuple[Slice, ...] = ()
    too_small: tuple[str, ...] = ()
    comparison: Comparison | None = None
    comparison_with_best: Comparison | None = None
    remarks: tuple[str, ...] = ()
    gates: tuple[Gate, ...]
    mlflow_run_id: str | None = None
    files: dict[str, File]

    @property
    def accepted(self) -> bool:
        """Whether every gate was passed."""
        return all(gate.passed for gate in self.gates)

    @property
    def held(self) -> bool:
        """Whether it waits for a person's approval: gates failed, and all of them are for a person to decide."""
        failed = [gate for gate in self.gates if not gate.passed]
        return bool(failed) and all(gate.approvable for gate in failed)


class Manifest(VersionManifest):
    """A version of a model that answers rows of a table.

    `key` are the dataset's columns that together identify each row, which feedback may name it by. From `threshold` a
    binary answer is the positive label; without one the most probable label is the answer.
    """

    kind: Literal["table"] = "table"
    contract: Contract
    key: tuple[str, ...] = ()
    threshold: float | None = None
