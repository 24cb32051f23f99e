"""A whole table's contract, and everything that a person should look at before the first training."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

import pyarrow as pa

from mlops.contract import Column, Contract, Target, Task
from mlops.data.check import REMEDY, Checked, check
from mlops.data.duplicates import REPEATED
from mlops.data.inference.columns import infer_column, infer_kind, is_empty
from mlops.data.inference.families import unite
from mlops.data.inference.notations import find_notation
from mlops.data.inference.remarks import count_texts, note_spelling, note_target, note_texts, note_useless
from mlops.data.inference.repeats import count_repeats, is_pasted, note_repeats
from mlops.data.inference.spellings import (
    missing_texts,
)
from mlops.data.inference.target import infer_target, is_skewed
from mlops.data.kinds import as_kind
from mlops.data.leakage import check_leakage
from mlops.data.text import can_be
from mlops.errors.data import DatasetRejected, rejection
from mlops.errors.violations import Violation
from mlops.privacy import is_public
from mlops.spec import ModelSpec
from mlops.spec.candidates import MAX_TEXTS, candidates_for
from mlops.spec.table import METRICS

FEW_REJECTED = 0.05
"""More broken rows than this are a matter for a person."""
LOG_NOTE = "The largest values of {!r} are many times the others: its logarithm is tried too (log_target=True)."
ALMOST_ALL = 1 - 1e-9


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What was inferred of a table. `notes` are sentences on what to look at, the weightiest first."""

    name: str
    target: Target
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    max_rejected: float = 0.0
    repeats: Literal["refuse", "keep"] = "refuse"
    target_encoded: tuple[str, ...] = ()
    log_target: bool = False
    notes: tuple[str, ...] = ()

    def to_spec(self) -> ModelSpec:
        """The spec that this would be."""
        return ModelSpec(
            name=self.name,
            target=self.target,
            columns=self.columns,
            candidates=candidates_for(
                Contract(columns=self.columns, target=self.target),
                target_encoded=self.target_encoded,
                log_target=self.log_target,
            ),
            metric=METRICS[self.target.task],
            floors={},
            key=self.key,
            ignored=self.ignored,
            max_rejected=self.max_rejected,
            repeats=self.repeats,
        )


def draft(table: pa.Table, name: str, target: str, task: Task | None = None) -> Draft:
    """What the table seems to be. Raises DatasetRejected if the target isn't there, or nothing to predict it from."""
    if target not in table.column_names:
        near = get_close_matches(target, table.column_names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(table.column_names)}"
        raise rejection("target", f"there is no column {target!r}{hint}")
    whole, table = table, _labelled(table, target)
    kinds = {each: infer_kind(table[each]) for each in table.column_names}
    odd = [each for each, kind in kinds.items() if not can_be(table[each], kind)]
    if target in odd:
        raise rejection("target", f"{target} is of the type {table[target].type}, which nothing can be predicted of")
    given = [each for each in table.column_names if each not in (target, *odd)]
    empty = [each for each in given if is_empty(table[each])]
    texts = [each for each in given if kinds[each] == "category" and each not in empty]
    unclear = {each: how for each in texts if (how := find_notation(table[each]))}
    useless = {each: how for each in given if each not in empty if (how := note_useless(table[each]))}
    left_out = dict.fromkeys([*empty, *unclear, *useless])
    columns = unite([infer_column(each, table[each], kinds[each]) for each in given if each not in left_out])
    if not columns:
        raise rejection("columns", f"there is no column to predict {target} from")
    made = Draft(
        name=name, target=infer_target(target, table[target], task), columns=columns, ignored=(*odd, *left_out)
    )
    made = _without_leaks(made, whole)
    notes = [f"{each!r} is of the type {table[each].type}, which isn't read: it's ignored." for each in odd]
    notes = [f"{each!r} {how}. It's ignored until then." for each, how in unclear.items()] + notes
    notes += [f"{each!r} is empty: it's ignored." for each in empty]
    notes += [f"{each!r} {how}: it's ignored." for each, how in useless.items()]
    notes += [note for each in made.columns for note in note_spelling(each, table[each.name])]
    notes += note_target(made.target, table[target])
    notes += [f"{each.name!r} looks personal: logs show a hash of it." for each in made.columns if not is_public(each)]
    many = {each.name: count for each in made.columns if (count := count_texts(each, table)) > MAX_TEXTS}
    notes += [note_texts(name, count) for name, count in many.items()]
    log_target = made.target.task == "regression" and is_skewed(as_kind(table[target], "number").values)
    notes += [LOG_NOTE.format(target)] if log_target else []
    made = replace(made, target_encoded=tuple(many), log_target=log_target)
    return replace(made, notes=(*made.notes, *notes))


def _labelled(table: pa.Table, target: str) -> pa.Table:
    """The rows that have a target: others are left out, and may be anything, such as a line of totals."""
    cells = table[target]
    if not can_be(cells, "category"):
        return table
    absent = as_kind(cells, "category", missing_texts(cells, "category")).missing
    return table if absent.all() else table.filter(pa.array(~absent))


def _without_leaks(made: Draft, table: pa.Table) -> Draft:
    """Names the key, leaves out what gives the answer away, and counts the rows that are broken."""
    try:
        checked = _check(replace(made, repeats="keep"), table)
        if leaks := check_leakage(checked.rows, made.to_spec()):
            made = _set_aside(made, leaks, table)
            checked = _check(replace(made, repeats="keep"), table)
        if counts := count_repeats(table, checked.rows, made.to_spec()):
            if is_pasted(checked.rows):
                checked = _check(made, table)
            else:
                note = note_repeats(counts, made.columns, table.num_rows)
                made = _noted(replace(made, repeats="keep"), note)
    except DatasetRejected as error:
        return _noted(made, f"It would be refused as it is: {error.reason}.")
    if checked.unlabelled:
        note = f"{checked.unlabelled:,} of {table.num_rows:,} rows have no {made.target.name}: they are left out."
        made = _noted(made, note)
    broken = checked.rejected
    if not broken.total:
        return made
    count, share = f"{len(broken.rows):,} of {table.num_rows:,} rows", len(broken.rows) / table.num_rows
    first = broken.violations[0].message
    if share > FEW_REJECTED:
        remedy = f" ({REMEDY})" if broken.violations[0].rule in REPEATED else ""
        return _noted(made, f"It would be refused as it is: {count} break the contract: {first}{remedy}.")
    made = replace(made, max_rejected=_round_share(share))
    return _noted(made, f"{count} broke the contract, and will be left out: {first}.")


def _check(made: Draft, table: pa.Table) -> Checked:
    """The table's rows without the broken ones, however many, and without the test for leakage."""
    spec = made.to_spec()
    return check(table, replace(spec, max_rejected=ALMOST_ALL, vouched=spec.contract.names))


def _set_aside(made: Draft, leaks: Sequence[Violation], table: pa.Table) -> Draft:
    """Columns that give the answer away aren't inputs: the first identifier that's whole is the key."""
    suspects = {str(leak.column): leak for leak in leaks}
    left = tuple(column for column in made.columns if column.name not in suspects)
    if not left:
        return _noted(made, f"It would be refused as it is: {leaks[0].message}.")
    keys = [name for name, leak in suspects.items() if leak.rule == "identifier" and _is_key(table[name])]
    others = tuple(name for name in suspects if name not in keys[:1])
    notes = [f"{name!r} identifies each row: it's the key, and no input." for name in keys[:1]]
    notes += [f"{suspects[name].message.partition('; ')[0]}: it's ignored." for name in others]
    return _noted(replace(made, columns=left, key=tuple(keys[:1]), ignored=(*made.ignored, *others)), *notes)


def _is_key(cells: pa.ChunkedArray) -> bool:
    text = as_kind(cells, "category").values
    return bool(text.notna().all() and text.is_unique)


def _noted(made: Draft, *notes: str) -> Draft:
    return replace(made, notes=(*notes, *made.notes))


def _round_share(share: float) -> float:
    """A share with room for as many broken rows again, in hundredths."""
    return math.ceil(200 * share) / 100
