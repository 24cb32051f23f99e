"""The cells of one column, checked against its rules: strictly by kind, then by range and categories.

Text isn't a number, nor is true; numbers are finite and in range; a date is "YYYY-MM-DD", a time ISO 8601's. Text is
stripped, and a category is the same however it's spelt.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from operator import methodcaller
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, SchemaValidator, ValidationError, to_json
from pydantic_core import core_schema as schema

from mlops.artifact.inputs import date_from_days, datetime_from_days, time_from_hours
from mlops.artifact.missing import make_absence, missing_marks, missing_words, own_words
from mlops.artifact.spelling import DATETIME, TIME, WHITESPACE, read_datetime, read_time, respell
from mlops.contract import Column
from mlops.errors.violations import Violation
from mlops.privacy import is_public
from mlops.serving.rows.texts import shorten, show

WRONG = object()
"""Stands for a cell that breaks a rule."""

_TYPES: dict[str, frozenset[type]] = {
    "number": frozenset({int, float}),
    "integer": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "date": frozenset({str}),
    "datetime": frozenset({str}),
    "time": frozenset({str}),
    "category": frozenset({str}),
}
_NOUNS = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": 'a date, "YYYY-MM-DD"',
    "datetime": 'a date and time, "YYYY-MM-DDTHH:MM:SS" with or without a zone',
    "time": 'a time of day, "HH:MM" or "HH:MM:SS"',
    "category": "text",
}
_strip = methodcaller("strip", WHITESPACE)
_LONGEST_DATE = 100  # characters; only digits could be longer
_LISTED_CATEGORIES = 20


class Cells:
    """Checks the cells of a column."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._types = _TYPES[column.kind] | ({type(None)} if not column.required else set())
        self._categories = frozenset(column.categories)
        self._missing = frozenset({"", *missing_words(column)})
        self._is_absent = make_absence(column)
        self._marks = missing_marks(column)
        self._validator: SchemaValidator | None = None

    def check(self, cells: Sequence[Any]) -> list[Any]:
        """The cells as a row holds them, WRONG in place of those that break a rule."""
        if self._column.kind != "category" and own_words(self._column):
            cells = [self._absent if self._is_absent(cell) else cell for cell in cells]
        kinds = set(map(type, cells))
        if not kinds <= self._types:
            cells = [cell if type(cell) in self._types else WRONG for cell in cells]
        if self._column.kind == "boolean":
            return [*cells]
        if self._column.kind == "category":
            return self._check_texts(cells)
        return self._validate(cells)

    def _check_texts(self, cells: Sequence[Any]) -> list[Any]:
        """Texts as the contract spells them. WRONG and None stay."""
        try:
            texts = [*map(_strip, cells)]
        except AttributeError:
            texts = [cell.strip(WHITESPACE) if type(cell) is str else cell for cell in cells]
        if self._categories:
            others = {text for text in texts if type(text) is str} - self._categories
            spelt: dict[Any, Any] = dict.fromkeys(others, WRONG)
            spelt |= dict.fromkeys((text for text in others if text.lower() in self._missing), self._absent)
            spelt |= respell(others, self._column.categories)
            return [spelt.get(text, text) for text in texts] if others else texts
        if len(self._missing) > 1 or "" in texts:
            return [self._absent if type(text) is str and text.lower() in self._missing else text for text in texts]
        return texts

    @property
    def _absent(self) -> Any:
        """What a text that means a missing value is: no violation where a value may be missing."""
        return WRONG if self._column.required else None

    def are_kept_by(self, numbers: NDArray[Any]) -> bool:
        """Whether an array of numbers surely keeps the rules. NaN, a missing value, doesn't."""
        column = self._column
        if column.kind not in ("number", "integer"):
            return False
        values = numbers.astype(np.float64, copy=False)
        if self._marks and np.isin(values, self._marks).any():
            return False
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        kept = np.isfinite(values).all() and (values >= low).all() and (values <= high).all()
        return bool(kept and (column.kind == "number" or (values == np.floor(values)).all()))

    def describe(self, row: int, cell: Any) -> Violation:
        """The violation of a cell that is wrong."""
        column = self._column
        rule, requirement = self._find_rule(cell)
        value = shown = None
        if rule != "null" and is_public(column):
            shown = "a list" if isinstance(cell, list) else "an object" if isinstance(cell, dict) else None
            value = None if shown else show(cell)
        message = f"{shorten(column.name)} {requirement}" + (f", not {shown or value}" if shown or value else "")
        return Violation(rule=rule, row=row, column=column.name, value=value, message=message)

    def _validate(self, cells: Sequence[Any]) -> list[Any]:
        """Numbers, dates and times: pydantic's rules are those of a row that is read at once."""
        if self._validator is None:
            cell = schema.with_default_schema(make_schema(self._column), default=WRONG, on_error="default")
            self._validator = SchemaValidator(schema.list_schema(schema.nullable_schema(cell)))
        if self._column.kind in ("date", "datetime", "time") and any(map(_is_no_date, cells)):
            cells = [WRONG if _is_no_date(cell) else cell for cell in cells]
        if WRONG not in cells:
            found: list[Any] = self._validator.validate_json(_write(cells))
            return found
        found = self._validator.validate_json(_write([None if cell is WRONG else cell for cell in cells]))
        return [WRONG if cell is WRONG else read for cell, read in zip(cells, found, strict=True)]

    def _is_missing(self, cell: Any) -> bool:
        """Whether a cell that isn't null means a missing value."""
        if self._column.kind == "category":
            return type(cell) is str and cell.strip(WHITESPACE).lower() in self._missing
        return self._is_absent(cell)

    def _find_rule(self, cell: Any) -> tuple[str, str]:
        """The broken rule's name, and what it requires."""
        column = self._column
        if cell is None:
            return "null", "must not be null"
        if self._is_missing(cell):
            return "null", "must not be missing"
        if column.categories:
            return "category", f"must be one of {list_categories(column)}"
        if type(cell) in self._types and not _is_no_date(cell):
            try:
                SchemaValidator(make_schema(column)).validate_json(_write(cell))
            except ValidationError as error:
                return _rule(column, error.errors(include_url=False, include_input=False)[0])
        return "type", f"must be {_NOUNS[column.kind]}"


def make_schema(column: Column) -> CoreSchema:
    """pydantic's schema of a cell that isn't null."""
    if column.kind == "category":
        return _text_schema(column)
    found = _value_schema(column)
    if not own_words(column):
        return found
    # A number that means a missing value may lie within the range, so it's looked for first.
    return schema.no_info_before_validator_function(_make_blank(column), schema.nullable_schema(found))


def _value_schema(column: Column) -> CoreSchema:
    """Numbers, truth values, dates and times."""
    match column.kind:
        case "number" | "integer":
            return schema.float_schema(
                strict=True,
                allow_inf_nan=False,
                ge=column.minimum,
                le=column.maximum,
                multiple_of=1 if column.kind == "integer" else None,
            )
        case "boolean":
            return schema.bool_schema(strict=True)
        case "date":
            # The parser of dates would read "0" too, as a number of seconds.
            text = schema.str_schema(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
            day = schema.date_schema(ge=_as_date(column.minimum), le=_as_date(column.maximum))
            return schema.chain_schema([text, day])
        case "datetime":
            text = schema.str_schema(strict=True, pattern=DATETIME)
            return schema.no_info_after_validator_function(_make_moment(column), text)
        case _:
            text = schema.str_schema(strict=True, pattern=TIME)
            return schema.no_info_after_validator_function(_make_clock(column), text)


def _text_schema(column: Column) -> CoreSchema:
    """Stripped text, one of the categories if there are any; other spellings, and of missing values, come after it."""
    text = schema.str_schema(strict=True, strip_whitespace=True, min_length=1)
    any_text = schema.str_schema(strict=True, strip_whitespace=True)
    missing = missing_words(column)
    if column.categories:
        known = schema.chain_schema([text, schema.literal_schema(list(column.categories))])
        spelt = schema.no_info_after_validator_function(_make_spelling(column, missing), any_text)
        return _first_of(known, spelt)
    if missing:
        return schema.no_info_after_validator_function(_make_absent(missing, required=column.required), any_text)
    if column.required:
        return text
    blank = schema.no_info_after_validator_function(_make_absent(missing, required=False), any_text)
    return _first_of(text, blank)


def _first_of(*schemas: CoreSchema) -> CoreSchema:
    """The first of the schemas that takes a cell; one error if none does."""
    return schema.union_schema(
        [*schemas],
        mode="left_to_right",
        custom_error_type="text",
        custom_error_message="isn't a text that the column takes",
    )


def _make_blank(column: Column) -> Callable[[Any], Any]:
    is_absent = make_absence(column)

    def read(cell: Any) -> Any:
        if not is_absent(cell):
            if cell is None:  # the schema around it decides on null
                raise PydanticCustomError("null", "must not be null")
            return cell
        if column.required:
            raise PydanticCustomError("missing_text", "means a missing value")
        return None

    return read


def _make_absent(missing: frozenset[str], *, required: bool) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if text and text.lower() not in missing:
            return text
        if required:
            raise PydanticCustomError("missing_text", "means a missing value")
        return None

    return read


def _make_spelling(column: Column, missing: frozenset[str]) -> Callable[[str], str | None]:
    absent = _make_absent(missing, required=column.required)

    def read(text: str) -> str | None:
        spelt = respell([text], column.categories).get(text)
        if spelt is None and absent(text) is not None:
            raise PydanticCustomError("literal_error", "isn't one of the categories")
        return spelt

    return read


def _make_moment(column: Column) -> Callable[[str], datetime]:
    low, high = (None if days is None else datetime_from_days(days) for days in (column.minimum, column.maximum))

    def read(text: str) -> datetime:
        try:
            moment = read_datetime(text)
        except (ValueError, OverflowError):
            raise PydanticCustomError("datetime_parsing", "isn't a time that exists") from None
        if low is not None and moment < low:
            raise PydanticCustomError("greater_than_equal", "is too early", {"ge": low.isoformat()})
        if high is not None and moment > high:
            raise PydanticCustomError("less_than_equal", "is too late", {"le": high.isoformat()})
        return moment

    return read


def _make_clock(column: Column) -> Callable[[str], time]:
    low, high = (None if hours is None else time_from_hours(hours) for hours in (column.minimum, column.maximum))

    def read(text: str) -> time:
        found = read_time(text)
        if low is not None and found < low:
            raise PydanticCustomError("greater_than_equal", "is too early", {"ge": low.isoformat()})
        if high is not None and found > high:
            raise PydanticCustomError("less_than_equal", "is too late", {"le": high.isoformat()})
        return found

    return read


def list_categories(column: Column) -> str:
    """The categories in a message: the first of them."""
    more = len(column.categories) - _LISTED_CATEGORIES
    listed = ", ".join(map(shorten, column.categories[:_LISTED_CATEGORIES]))
    return f"{listed} and {more} more" if more > 0 else listed


def _is_no_date(cell: Any) -> bool:
    """Whether a cell is a long text that would take six times its length to write as JSON."""
    return type(cell) is str and len(cell) > _LONGEST_DATE and not (cell.isascii() and cell.isprintable())


def _as_date(days: float | None) -> date | None:
    return None if days is None else date_from_days(days)


def _write(cells: Any) -> bytes:
    return to_json(cells, inf_nan_mode="constants")


def _rule(column: Column, error: ErrorDetails) -> tuple[str, str]:
    unit = f" {column.unit}" if column.unit else ""
    match error["type"]:
        case "finite_number":
            return "finite", "must be a finite number"
        case "greater_than_equal":
            return "minimum", f"must be at least {error['ctx']['ge']}{unit}"
        case "less_than_equal":
            return "maximum", f"must be at most {error['ctx']['le']}{unit}"
        case _:
            return "type", f"must be {_NOUNS[column.kind]}"
