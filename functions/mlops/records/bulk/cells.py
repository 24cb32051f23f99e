"""A feedback file's row → a truth, by the rules that hold for requests too."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from mlops.artifact.spelling import DATETIME, TIME, TRUTH_VALUES, read_datetime, read_time, strip
from mlops.contract import Column, Contract
from mlops.errors.records import FeedbackRejected, TruthInvalid
from mlops.privacy import hash_value, private_columns
from mlops.records import ids
from mlops.records.truths import Truth, check_datetime, check_id, check_moment, check_truth

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MAX_SHOWN = 80  # characters of a cell or a name
_MAX_NAMES = 40
PREDICTION_ID, TRUTH, AT = "prediction_id", "truth", "at"


class CellReader:
    """Reads the rows of one file of a model's feedback.

    The file has the columns `prediction_id` or all of `key`, then `truth` (or the target's name) and `at`. It may have
    columns of the contract that the privacy rule doesn't keep: retraining reads them from the file, and they're in no
    record.
    """

    def __init__(
        self, contract: Contract, key: Sequence[str], privacy_key: bytes, columns: Sequence[str], source: str
    ) -> None:
        self._target = contract.target
        self._privacy_key = privacy_key
        self.truth = TRUTH if TRUTH in columns else contract.target.name
        self._by_id = PREDICTION_ID in columns
        private = {column.name for column in private_columns(contract)}
        self._has_private = bool(private)
        names = [PREDICTION_ID] if self._by_id else [*key]
        missing = [name for name in (*names, AT) if name not in columns]
        if not names or missing or self.truth not in columns:
            wanted = f"prediction_id{f' (or {", ".join(key)})' if key else ''}, truth and at"
            found = _list_names(columns, contract)
            raise FeedbackRejected(source, f"it must have the columns {wanted}, and has {found}")
        if unknown := [name for name in columns if name not in {*names, *key, self.truth, AT, *private}]:
            found = _list_names(unknown, contract)
            raise FeedbackRejected(source, f"it has columns that feedback doesn't have: {found}")
        self._key = () if self._by_id else _find_columns(contract, key, privacy_key, source)

    def read(self, cells: Mapping[str, Any], now: datetime) -> Truth:
        """The row's truth. Raises TruthInvalid."""
        prediction_id = check_id(cells[PREDICTION_ID], now) if self._by_id else None
        key = None if self._by_id else {column.name: self._key_cell(column, cells[column.name]) for column in self._key}
        at = cells[AT]
        moment = check_datetime(at, now) if isinstance(at, datetime) else check_moment(at, now)
        return Truth(prediction_id, check_truth(self._truth_cell(cells[self.truth]), self._target), moment, key)

    def show(self, cells: Mapping[str, Any]) -> dict[str, str]:
        """The cells of a row that may be repeated: id, truth and time.

        Where the model has private columns a cell that broke a rule may be one of theirs that slipped into another
        column, so that nothing but an id that is one is repeated.
        """
        found = {name: str(cells.get(name))[:_MAX_SHOWN] for name in (PREDICTION_ID, self.truth, AT)}
        if self._has_private:
            return {name: cell for name, cell in found.items() if ids.PREDICTION_ID.fullmatch(cell.lower())}
        return {name: cell for name, cell in found.items() if cells.get(name) is not None}

    def _truth_cell(self, cell: Any) -> Any:
        if cell is None:
            raise TruthInvalid("missing", "there is no truth")
        if self._target.labels:
            return _text(cell)
        return float(cell) if isinstance(cell, str) and _NUMBER.fullmatch(cell) else cell

    def _key_cell(self, column: Column, cell: Any) -> Any:
        if cell is None:
            raise TruthInvalid("key", f"{column.name} is missing")
        try:
            value = _KEY_READERS[column.kind](cell)
        except (ValueError, KeyError, OverflowError):
            raise TruthInvalid("key", f"{column.name} isn't a {column.kind}") from None
        return hash_value(column, value, self._privacy_key) if column.privacy == "hash" else value


def _find_columns(contract: Contract, key: Sequence[str], privacy_key: bytes, source: str) -> tuple[Column, ...]:
    """The key's columns, all of which must be in the prediction records, kept or hashed."""
    columns = {column.name: column for column in contract.columns}
    for name in key:
        column = columns.get(name)
        if column is None:
            raise FeedbackRejected(source, f"the key's column {name} isn't an input, so no record has it")
        if column.privacy == "drop" or (column.privacy == "hash" and not privacy_key):
            raise FeedbackRejected(source, f"the key's column {name} is dropped from records by the privacy rule")
    return tuple(columns[name] for name in key)


def _list_names(names: Sequence[str], contract: Contract) -> str:
    """A file's names of columns, for a person.

    A name that the contract doesn't have may be a private value: that of a file without a header.
    """
    shown = [name for name in names if name in {PREDICTION_ID, TRUTH, AT, contract.target.name, *contract.names}]
    if not private_columns(contract):
        shown = [name[:_MAX_SHOWN] for name in names[:_MAX_NAMES]]
    others = len(names) - len(shown)
    return ", ".join([*shown, *([f"{others} more"] if others else [])])


def _text(cell: Any) -> str:
    """A cell as a person would write it in a CSV."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else strip(str(cell))


def _number(cell: Any) -> float:
    if isinstance(cell, str) and not _NUMBER.fullmatch(cell):
        raise ValueError(cell)
    return float(cell)


def _date(cell: Any) -> str:
    return cell.isoformat() if isinstance(cell, date) else date.fromisoformat(str(cell)).isoformat()


def _moment(cell: Any) -> str:
    if not isinstance(cell, date) and not re.match(DATETIME, str(cell)):
        raise ValueError(cell)
    return read_datetime(cell.isoformat() if isinstance(cell, date) else str(cell)).isoformat().replace("+00:00", "Z")


def _time_of_day(cell: Any) -> str:
    if not isinstance(cell, time) and not re.match(TIME, str(cell)):
        raise ValueError(cell)
    return (cell if isinstance(cell, time) else read_time(str(cell))).isoformat()


# A key's cell as a prediction record has it, and as the privacy rule hashed it.
_KEY_READERS: dict[str, Callable[[Any], Any]] = {
    "number": _number,
    "integer": _number,
    "boolean": lambda cell: TRUTH_VALUES[_text(cell).lower()],
    "date": _date,
    "datetime": _moment,
    "time": _time_of_day,
    "category": _text,
}
