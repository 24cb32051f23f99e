"""The contract: the columns that a model takes, with type, range, categories, missing-value, unit and privacy rule."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["number", "integer", "category", "boolean", "date", "datetime", "time"]
Privacy = Literal["keep", "hash", "drop"]
Task = Literal["binary", "multiclass", "regression"]

# The names that models may have, in paths, files and the registry.
MODEL_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Frozen):
    """One input column.

    `minimum` and `maximum` are inclusive and in `unit`; `categories` are the allowed values of a category
    column (empty: any text). `missing_values` are texts that mean a missing value, in any letters. `required` refuses
    a missing value. A datetime's range is in days since 1970-01-01 UTC, as a date's, and a time's in hours. `privacy`
    decides what may reach a log: the value, a keyed hash, or nothing.
    """

    name: Annotated[str, Field(min_length=1)]
    kind: Kind = "number"
    unit: str | None = None
    description: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    missing_values: tuple[str, ...] = ()
    required: bool = True
    privacy: Privacy = "keep"
    example: float | int | str | bool | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"column {self.name!r}: minimum {self.minimum} is above maximum {self.maximum}")
        if self.categories and self.kind != "category":
            raise ValueError(f"column {self.name!r}: only a category column has categories, this one is a {self.kind}")
        if self.kind in ("category", "boolean") and not (self.minimum is None and self.maximum is None):
            raise ValueError(f"column {self.name!r}: a {self.kind} column has no range")
        return self


class Target(_Frozen):
    """What the model predicts.

    `labels` are the classes in the order of the compiled model's probabilities; `positive` is the one that
    precision, recall and the threshold refer to.
    """

    name: Annotated[str, Field(min_length=1)]
    task: Task
    labels: tuple[str, ...] = ()
    positive: str | None = None
    unit: str | None = None
    description: str | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        expected = {
            "binary": len(self.labels) == 2,
            "multiclass": len(self.labels) > 2,
            "regression": not self.labels,
        }
        if not expected[self.task]:
            raise ValueError(f"target {self.name!r}: {len(self.labels)} labels don't make a {self.task} target")
        if self.positive is not None and self.positive not in self.labels:
            raise ValueError(f"target {self.name!r}: the positive label {self.positive!r} is not among {self.labels}")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError(f"target {self.name!r}: a label occurs twice in {self.labels}")
        return self


class Contract(_Frozen):
    """The columns a model takes, in order, and the target it predicts."""

    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    target: Target

    @model_validator(mode="after")
    def _names_each_column_once(self) -> Self:
        names = [*self.names, self.target.name]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"duplicate columns: {', '.join(twice)}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The input columns' names, in order."""
        return tuple(column.name for column in self.columns)
