"""A batch by scikit-learn: read a row group, predict_proba, write the answers; what it took, as JSON.

Run by batch_rows.py: `python -m tests.bench.peers.batch_sklearn FOREST FILE ROWS`.
"""

import json
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench.batch_step import measured_since


def main(forest: str, file: str, rows: str) -> None:
    """Score the first row groups, until there are so many rows."""
    started = time.perf_counter()
    model = joblib.load(forest)
    names = [str(each) for each in model.classes_]
    done = 0
    target = Path(forest).with_name("answers.parquet")
    schema = pa.schema([(name, pa.float64()) for name in names])
    with pq.ParquetFile(file) as source, pq.ParquetWriter(target, schema) as answers:
        for group in range(source.num_row_groups):
            if done >= int(rows):
                break
            table = source.read_row_group(group, use_threads=False)
            values = np.column_stack([column.to_numpy() for column in table.columns])
            answers.write_table(pa.table([*model.predict_proba(values).T], schema=schema))
            done += len(values)
    json.dump(measured_since(started, done), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
