"""Predictions for files of rows."""

from collections.abc import Sequence

from mlops.errors.base import MlopsError


class BatchRejected(MlopsError):
    """A batch of predictions that can't be made as it was requested. Trying again can't cure it."""


class BatchInputChanged(MlopsError):
    """An input file that isn't the one that the batch began with. A new run takes the file as it is now."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"{uri} was changed or deleted after the run had begun; run the batch again")
        self.uri = uri


class BatchIncomplete(MlopsError):
    """A batch some of whose chunks have no answers: it has no manifest."""

    def __init__(self, run: str, missing: Sequence[int], chunks: int, reason: str) -> None:
        shown = ", ".join(map(str, missing[:10])) + (", …" if len(missing) > 10 else "")
        super().__init__(
            f"{len(missing):,} of {chunks:,} chunks of run {run} have no answers ({shown}); {reason}. "
            "`scripts/mlops batch redrive` scores them alone"
        )
        self.run = run
        self.missing = tuple(missing)
