"""Trainings as the data bucket has them: next to a dataset lie its progress, while it's trained on, and its report."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from mlops.artifact.names import TRAINING_PROGRESS, TRAINING_REPORT

DATASETS = "datasets/"
# As the flows of training describe a trial: of a table's model, and of a recommender.
_TRIAL = re.compile(
    r"trial (?P<number>\d+)(?: of at most (?P<most>\d+))?: (?P<candidate>[^,(]+?)(?:, | \()(?P<chosen>.*?)\)?: "
    r"(?P<result>.*)",
    re.DOTALL,
)
_SCORE = re.compile(r"(?P<metric>[\w@.-]+) (?P<score>-?\d+(?:\.\d+)?)(?P<pruned>, pruned after \d+ folds)?")

type Outcome = Literal["running", "retrying", "moved", "ended"]


@dataclass(frozen=True)
class Step:
    """A step of a training, and when it began."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Trial:
    """A trial of a training's search. `score` is None if it failed; `failure` says why."""

    number: int
    most: int | None
    candidate: str
    chosen: str
    at: datetime
    metric: str | None = None
    score: float | None = None
    pruned: bool = False
    failure: str | None = None


@dataclass(frozen=True)
class TrainingProgress:
    """What a training does, or did last. `attempt` counts its tries; `reason` is why the last one failed or moved."""

    s3_version: str | None
    state: str
    attempt: int
    began: datetime
    at: datetime
    steps: tuple[Step, ...]
    trials: tuple[Trial, ...]
    reason: str | None
    memory_mb: int | None
    memory_limit_mb: int | None

    @classmethod
    def read(cls, content: bytes) -> "TrainingProgress":
        """The progress in an object. Raises ValueError or KeyError for another document."""
        found = json.loads(content)
        entries = [Step(each["step"], datetime.fromisoformat(each["at"])) for each in found["steps"]]
        trials = [read_trial(each) for each in entries]
        return cls(
            s3_version=found["s3_version"],
            state=found["state"],
            attempt=found["attempt"],
            began=datetime.fromisoformat(found["began_at"]),
            at=datetime.fromisoformat(found["at"]),
            steps=tuple(each for each, trial in zip(entries, trials, strict=True) if trial is None),
            trials=tuple(trial for trial in trials if trial),
            reason=found["reason"],
            memory_mb=found["memory_mb"],
            memory_limit_mb=found["memory_limit_mb"],
        )

    @property
    def last(self) -> str:
        """The step that was begun last; the last trial while there are some."""
        if self.trials and (not self.steps or self.trials[-1].at >= self.steps[-1].at):
            return f"trial {self.trials[-1].number}"
        return self.steps[-1].text if self.steps else "start"


@dataclass(frozen=True)
class TrainingReport:
    """What came of a training, and why."""

    s3_version: str | None
    outcome: str
    reason: str
    at: datetime
    version: int | None
    violations: int
    rejected: str | None

    @classmethod
    def read(cls, content: bytes) -> "TrainingReport":
        """The report in an object. Raises ValueError or KeyError for another document."""
        found: Mapping[str, Any] = json.loads(content)
        return cls(
            s3_version=found["s3_version"],
            outcome=found["outcome"],
            reason=found["reason"],
            at=datetime.fromisoformat(found["checked_at"]),
            version=found.get("version"),
            violations=found.get("violation_count", 0),
            rejected=found.get("rejected"),
        )


def read_trial(step: Step) -> Trial | None:
    """The trial that a step describes; None if it describes something else."""
    match = _TRIAL.fullmatch(step.text)
    if match is None:
        return None
    result = match["result"].partition("; best so far: ")[0]
    score = _SCORE.fullmatch(result)
    most = int(match["most"]) if match["most"] else None
    common = (int(match["number"]), most, match["candidate"], match["chosen"], step.at)
    if score is None:
        return Trial(*common, failure=result)
    return Trial(*common, metric=score["metric"], score=float(score["score"]), pruned=bool(score["pruned"]))


def find_model(key: str) -> str | None:
    """The model of a dataset's key; None if it isn't one."""
    parts = key.split("/")
    return parts[1] if len(parts) == 3 and key.startswith(DATASETS) else None


def dataset_file(key: str) -> str | None:
    """The name of a dataset, without its model; None if the key is no dataset's."""
    return key.rpartition("/")[2] if find_model(key) else None


def dataset_key(key: str) -> str | None:
    """The dataset of the key of a progress or a report; None if it's the key of neither."""
    for suffix in (TRAINING_PROGRESS, TRAINING_REPORT):
        if key.endswith(suffix):
            return key.removesuffix(suffix)
    return None


def describe_retry(attempt: int, most: int, reason: str | None, delay: int) -> str:
    """What comes after a try that failed; the next one comes `delay` seconds after its start."""
    again = f"the next comes within {delay:,} s of its start" if delay else "the queue delivers it again"
    last = attempt >= most
    again = "it was the last: the message is in the queue TrainDeadLetters" if last else again
    return f"try {attempt} of {most} failed: {reason}; {again}"


def best_of(trials: Sequence[Trial], *, greater: bool) -> Trial | None:
    """The best trial that wasn't pruned; None if there's none."""
    scored = [each for each in trials if each.score is not None and not each.pruned]
    if not scored:
        return None
    return (max if greater else min)(scored, key=lambda each: each.score or 0.0)
