"""The model spec: the one Python file that a data scientist writes for a model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlops.artifact.spelling import strip
from mlops.contract import Column, Contract, Target, Task
from mlops.errors.training import SpecInvalid
from mlops.spec.delivery import Delivery
from mlops.spec.expectations import Direction, Invariance, Limits
from mlops.spec.monitoring import Monitoring
from mlops.spec.search_space import Candidate, Threshold, check_threshold

CLASS_METRICS = (
    "accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "pr_auc",
    "log_loss",
    "brier",
    "calibration_error",
)
METRICS: dict[Task, tuple[str, ...]] = {
    "binary": CLASS_METRICS,
    "multiclass": CLASS_METRICS,
    "regression": ("mae", "rmse", "r2", "pinball"),
}


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What to predict, from which columns, with which estimators, and how good is good enough.

    `candidates` are unfitted scikit-learn estimators by name, simplest first, each alone or as a Candidate with a
    search space; `metric` chooses among them by cross-validation, in at most `trials` trials. After `search_seconds`
    none begins, but for each candidate's first. `threshold` is the probability from which a binary answer is positive:
    a number, or the one that is best for the metric ("metric") or for what wrong answers cost. By default ("auto") it's
    "metric" where one label is rare; else, and with None, the most probable label is the answer.

    `floors` are the worst values of test metrics that a champion may have. `margin` is the loss of `metric` that
    doesn't matter against the champion, overall and on each slice that the columns `slices` make (of errors in the
    target's unit, such as rmse: as a share of the champion's). `invariances`, `directions` and `limits` are further
    gates.

    `key` are the dataset's columns that together identify each row; they needn't be inputs. Rows that break the
    contract are left out, up to the share `max_rejected`; above it the dataset is refused. Without a key, more equal
    rows than chance explains break it too, unless `repeats` is "keep". `missing_values` are texts that mean a missing
    value, in the target and in each column that names none of its own. `vouched` are inputs that
    look like leakage, and are declared to be safe by somebody who knows them; `ignored` are columns that a dataset
    may have and that aren't read. `test_share` is the share of rows held out for the test, `min_rows` the least number
    of rows to train on. `monitoring` says what is done about a loss or drift that is found where the model serves, and
    `delivery` how a version that passed its gates comes to serve. `description`, `uses` and `cautions` are the first
    part of the model card.

    `split` says which rows are held out, for the test and in each fold: chosen by their content ("random"), or the
    latest ("time") by the column `time`, which is the contract's only date column unless the spec names one. `group`
    are columns that say which rows belong together, such as those of one patient: such rows are held out together.
    Columns of `group` and `time` needn't be inputs.
    """

    name: str
    target: Target
    columns: tuple[Column, ...]
    candidates: Mapping[str, Any | Candidate]
    metric: str
    floors: Mapping[str, float]
    description: str = ""
    uses: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    max_rejected: float = 0.0
    vouched: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    missing_values: tuple[str, ...] = ()
    repeats: Literal["refuse", "keep"] = "refuse"
    seed: int = 0
    test_share: float = 0.25
    split: Literal["random", "time"] = "random"
    time: str | None = None
    group: tuple[str, ...] = ()
    folds: int = 5
    min_rows: int = 100
    trials: int = 20
    search_seconds: float = 300
    threshold: Threshold = "auto"
    slices: tuple[str, ...] = ()
    margin: float = 0.01
    invariances: tuple[Invariance, ...] = ()
    directions: tuple[Direction, ...] = ()
    limits: Limits = field(default_factory=Limits)
    monitoring: Monitoring = field(default_factory=Monitoring)
    delivery: Delivery = field(default_factory=Delivery)
    contract: Contract = field(init=False)

    def __post_init__(self) -> None:
        if self.missing_values:
            object.__setattr__(self, "columns", tuple(map(self._with_missing_values, self.columns)))
        object.__setattr__(self, "contract", Contract(columns=self.columns, target=self.target))
        reason = next(self._faults(), None)
        if reason:
            raise SpecInvalid(self.name, reason)

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """The columns of a dataset that are read and needn't be inputs: key, group and time."""
        return tuple(dict.fromkeys([*self.key, *self.group, *([self.time] if self.time else [])]))

    @property
    def time_column(self) -> str | None:
        """The column whose order splits the rows; None unless the split is by time."""
        if self.split != "time":
            return None
        return self.time or next((column.name for column in self.columns if column.kind == "date"), None)

    def _with_missing_values(self, column: Column) -> Column:
        own = column.missing_values or self.missing_values
        return column.model_copy(update={"missing_values": own})

    def _faults(self) -> Iterator[str]:
        """What contradicts itself, as sentences."""
        metrics = METRICS[self.target.task]
        unknown = sorted({self.metric, *self.floors} - set(metrics))
        if unknown:
            yield f"a {self.target.task} target has no metric {', '.join(unknown)}; it has {', '.join(metrics)}"
        if not self.candidates:
            yield "it has no candidates"
        if self.trials < len(self.candidates):
            yield f"{self.trials} trials are too few to try {len(self.candidates)} candidates"
        problem = check_threshold(self.threshold, self.target.task, self.metric)
        if problem:
            yield problem
        if not 0 < self.test_share < 1:
            yield f"test_share is {self.test_share}; it must lie between 0 and 1"
        if not 0 <= self.max_rejected < 1:
            yield f"max_rejected is {self.max_rejected}; it must be at least 0 and less than 1"
        if self.target.name in self.key:
            yield f"key names {self.target.name}, and the target can't identify rows"
        used = sorted({*self.contract.names, self.target.name, *self.extra_columns} & {*self.ignored})
        if used:
            yield f"ignored names {', '.join(used)}, which the spec uses"
        if self.margin < 0:
            yield f"margin is {self.margin}; it must be at least 0"
        yield from self._wrong_rules()
        yield from self._blanks()
        yield from self._split_faults()
        yield from self.monitoring.faults()
        yield from self.delivery.faults()
        yield from self._misnamed_columns()

    def _wrong_rules(self) -> Iterator[str]:
        if self.repeats not in ("refuse", "keep"):
            yield f'repeats is {self.repeats!r}; it must be "refuse" or "keep"'

    def _blanks(self) -> Iterator[str]:
        """Cells are stripped before they're compared, so no cell could be such a label or category."""
        named = {self.target.name: self.target.labels, **{each.name: each.categories for each in self.columns}}
        for name, texts in named.items():
            if padded := [text for text in texts if text != strip(text)]:
                yield f"{name} has {', '.join(map(repr, padded))}, with white space around it; cells are stripped"

    def _split_faults(self) -> Iterator[str]:
        if self.split not in ("random", "time"):
            yield f"split is {self.split!r}; it is 'random' or 'time'"
        if self.target.name in (*self.group, self.time):
            yield f"group or time names {self.target.name}, the target"
        if self.split == "time" and self.group:
            yield "split='time' and group exclude each other: a group would have rows on both sides of the split"
        dates = [column.name for column in self.columns if column.kind == "date"]
        if self.split == "time" and not self.time and len(dates) != 1:
            found = ", ".join(dates) or "none"
            yield f"split='time' needs time='COLUMN', unless one column of the contract is a date; dates are: {found}"
        if self.split != "time" and self.time:
            yield f"time names {self.time}, and only split='time' uses it"

    def _misnamed_columns(self) -> Iterator[str]:
        named = {
            "vouched": self.vouched,
            "slices": self.slices,
            "invariances": tuple(name for test in self.invariances for name in test.columns),
            "directions": tuple(test.column for test in self.directions),
        }
        for where, names in named.items():
            unknown = [name for name in names if name not in self.contract.names]
            if unknown:
                yield f"{where} names {', '.join(unknown)}, and the contract has no such column"
        for test in self.directions:
            if (test.step is None) == (test.values is None):
                yield f"the direction of {test.column} needs either a step or two values"
            if test.label is not None and test.label not in self.target.labels:
                yield f"the direction of {test.column} names the label {test.label}, which the target doesn't have"
