"""Lines of records → a version's rows, by its contract."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlops.contract import Contract
from mlops.evaluation.metrics.answers import SUM_TOLERANCE
from mlops.monitoring.window_rows import WindowRows, read_rows
from mlops.privacy import public_names
from mlops.records.decode import LineDecoder, prediction_schema
from mlops.registry.manifest.manifest import Manifest

_ANSWERS = ("label", "probabilities", "value")
_REQUIRED = (("prediction_id",), ("timestamp",), ("model_version",))


def read_lines(
    lines: Sequence[bytes], manifest: Manifest, truth: Sequence[str | float] | None = None, *, inputs: bool = True
) -> WindowRows | None:
    """The rows of lines that fit the version's contract, in their order, with inputs or without; None without rows.

    With the lines' `truth` only rows whose truth the version can give as an answer.
    """
    if not lines:
        return None
    contract = manifest.contract
    schema = prediction_schema(contract, (*_ANSWERS, "inputs") if inputs else _ANSWERS, public_names(contract))
    block = b"\n".join(line.rstrip(b"\n") for line in lines)
    table, bad = LineDecoder(schema, _REQUIRED).decode(block)
    if truth is not None:
        places = np.delete(np.arange(len(lines)), [each.line - 1 for each in bad])
        known = [truth[place] for place in places.tolist()]
        table = table.append_column("truth", pa.array(known, pa.string() if contract.target.labels else pa.float64()))
    return read_rows(table.filter(pa.array(_sound(table, contract))), contract, manifest.threshold)


def _sound(table: pa.Table, contract: Contract) -> NDArray[np.bool_]:
    """Which rows have an answer, and a truth if there are truths, that the contract allows."""
    labels = contract.target.labels
    if not labels:
        sound = np.isfinite(table["value"].to_numpy())
    else:
        cells = table["probabilities"].combine_chunks()
        chances = np.column_stack(
            [pc.struct_field(cells, label).to_numpy(zero_copy_only=False).astype(np.float64) for label in labels]
        )
        with np.errstate(invalid="ignore"):
            sound = (chances >= 0).all(axis=1) & (np.abs(chances.sum(axis=1) - 1) <= SUM_TOLERANCE)
    if labels and "truth" in table.column_names:
        # Another version may have other labels.
        sound &= pc.is_in(table["truth"], pa.array(labels)).to_numpy()
    return np.asarray(sound, np.bool_)
