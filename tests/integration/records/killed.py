"""Takes one delivery of feedback, and ends without a word at a given call to the store: `killed.py JOB`."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import obstore
from obstore.store import LocalStore

from mlops.contract import Contract
from mlops.records.bulk.ingest import FeedbackFile, ingest_file
from mlops.records.truths import read_truths
from mlops.records.write import store_feedback

KILLED = 86


def main(job: dict[str, Any]) -> None:
    """Take the job's file or request. Moments count the points before and after each write; at `stop` all ends."""
    moments = 0
    put = obstore.put

    def end_at_stop() -> None:
        nonlocal moments
        if moments == job["stop"]:
            os._exit(KILLED)
        moments += 1

    def counting(*arguments: Any, **options: Any) -> Any:
        end_at_stop()
        try:
            return put(*arguments, **options)
        finally:
            end_at_stop()

    obstore.put = counting
    store = LocalStore(job["bucket"])
    contract = Contract.model_validate(job["contract"])
    now = datetime.fromisoformat(job["now"])
    if job["kind"] == "file":
        file = FeedbackFile(model=job["model"], contract=contract, source=job["source"], path=Path(job["path"]))
        ingest_file(store, file, now)
    else:
        truths = read_truths(Path(job["path"]).read_bytes(), contract.target, now)
        store_feedback(store, job["model"], truths, now)
    sys.stdout.write(str(moments))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
