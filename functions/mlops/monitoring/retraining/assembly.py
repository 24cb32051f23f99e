"""What an incident is trained on: the last dataset of the version and the rows labelled since; or why there's none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from mlops.contract import Column, Contract
from mlops.errors.base import ErrorWithheld, MlopsError
from mlops.errors.monitoring import RetrainingRefused
from mlops.monitoring.incident import Incident, Retraining
from mlops.monitoring.layout import dataset_key
from mlops.monitoring.retraining.bucket import DataBucket
from mlops.monitoring.retraining.carried import load_carried
from mlops.monitoring.retraining.labelled import load_labelled
from mlops.monitoring.retraining.last import load_last
from mlops.monitoring.retraining.merge import merge_rows, write_merged
from mlops.privacy import is_public, private_columns
from mlops.records.database import open_database
from mlops.records.standing import FeedbackSource
from mlops.records.window import Window
from mlops.registry.manifest.manifest import Manifest
from mlops.spec import ModelSpec

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_MEMORY = "800MB"
# Libraries that talk to services: their errors contain addresses, not cells.
_SERVICES = ("botocore", "boto3", "obstore", "urllib3")


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """Assembles datasets. `manifest_of` gives a version's manifest of a model."""

    records: "ObjectStore"
    bucket: DataBucket
    manifest_of: Callable[[str, int], Manifest]

    def assemble(
        self, incident: Incident, manifest: Manifest, spec: ModelSpec, since: datetime, until: datetime
    ) -> Retraining | str:
        """Put the dataset of the truths received from `since` up to `until` where uploads go; what it has.

        Returns the reason to wait where too few predictions from after the loss began have their truth by then, and a
        Retraining with a refusal where waiting can't help. Whoever repeats it changes nothing.
        """
        try:
            with TemporaryDirectory() as folder, open_database(_MEMORY) as connection:
                job = _Job(self, connection, Path(folder), incident, manifest, spec)
                return job.run(Window(since, until))
        except RetrainingRefused as refusal:
            return Retraining(refused=refusal.reason, until=until)
        except (MlopsError, OSError):
            raise
        except Exception as error:
            # DuckDB's and Arrow's errors repeat cells.
            if private_columns(spec.contract) and type(error).__module__.partition(".")[0] not in _SERVICES:
                raise ErrorWithheld(error) from None
            raise


@dataclass(frozen=True)
class _Job:
    assembly: Assembly
    connection: DuckDBPyConnection
    folder: Path
    incident: Incident
    manifest: Manifest
    spec: ModelSpec

    def run(self, received: Window) -> Retraining | str:
        """Assemble and put it, or say why not yet."""
        if not _is_alike(self.manifest.contract, self.spec.contract):
            raise self._refuse(f"the spec's columns aren't those of version {self.manifest.version} any more")
        recorded = [column for column in self.spec.contract.columns if is_public(column)]
        source = FeedbackSource(self.assembly.records, self.spec.name, self.manifest.contract, received, self._key())
        load_labelled(self.connection, source, recorded, self._is_alike, _MEMORY)
        names = self._columns()
        carried = [name for name in names[:-1] if name not in {column.name for column in recorded}]
        self._make_fresh(names, recorded, carried)
        waiting = self._wait(carried)
        if waiting:
            return waiting
        self._load_last(names)
        identity = [names.index(name) for name in self.spec.key or self.spec.contract.names]
        rows, new = merge_rows(
            self.connection,
            [self._kind(name) for name in names],
            identity,
            has_key=bool(self.spec.key),
            rejected=self.manifest.dataset.rejected_rows,
        )
        file = self.folder / "dataset.csv.gz"
        write_merged(self.connection, names, file)
        key = dataset_key(self.spec.name, self.incident.id)
        given = {
            "incident": self.incident.id,
            "rows": str(rows),
            "new-rows": str(new),
            "until": received.end.isoformat(),
        }
        # What's there already is what training has or will have seen, so that counts.
        found = self.assembly.bucket.create(key, file, given)
        until = datetime.fromisoformat(found["until"])
        return Retraining(key=key, rows=int(found["rows"]), new_rows=int(found["new-rows"]), until=until)

    def _key(self) -> Sequence[str]:
        """The columns by which feedback may name a row: the key, where all of it is recorded."""
        contract = {column.name: column for column in self.spec.contract.columns}
        recorded = all(name in contract and contract[name].privacy != "drop" for name in self.spec.key)
        return self.spec.key if recorded else ()

    def _columns(self) -> list[str]:
        """The dataset's columns, the target last."""
        return [*dict.fromkeys([*self.spec.contract.names, *self.spec.key]), self.spec.target.name]

    def _kind(self, name: str) -> str:
        kinds = {column.name: column.kind for column in self.spec.contract.columns}
        if name == self.spec.target.name:
            return "category" if self.spec.target.labels else "number"
        # Training compares keys as text, whatever they are.
        return "category" if name in self.spec.key else kinds[name]

    def _is_alike(self, version: int) -> bool:
        contract = self.assembly.manifest_of(self.spec.name, version).contract
        return _is_alike(contract, self.manifest.contract)

    def _make_fresh(self, names: Sequence[str], recorded: Sequence[Column], carried: Sequence[str]) -> None:
        """`fresh`: the labelled rows whose inputs are whole, with the dataset's columns."""
        if carried:
            load_carried(self.connection, self.assembly.bucket, self.spec.name, carried)
        places = {column.name: f"l.c{place}" for place, column in enumerate(recorded)}
        places |= {name: f"x.x{place}" for place, name in enumerate(carried)}
        places[names[-1]] = "l.target"
        cells = ", ".join(f"{places[name]} AS c{place}" for place, name in enumerate(names))
        joined = "JOIN carried x USING (prediction_id)" if carried else ""
        # What must be there and isn't would have training leave the row out, or refuse the dataset.
        needed = [name for name in carried if self._is_needed(name)]
        present = "".join(f" AND {places[name]} IS NOT NULL" for name in needed)
        query = f"SELECT prediction_id, made, truth_at, {cells} FROM labelled l {joined} WHERE whole{present}"  # noqa: S608
        self.connection.execute(f"CREATE TABLE fresh AS {query}")

    def _is_needed(self, name: str) -> bool:
        column = next((column for column in self.spec.contract.columns if column.name == name), None)
        return name in self.spec.key or column is None or column.required

    def _wait(self, carried: Sequence[str]) -> str | None:
        """Why the dataset has to wait, or None. Raises RetrainingRefused where rows come and can never be used."""
        incident, wanted = self.incident, self.spec.monitoring.retrain_rows
        begin = Window.parse(incident.since or incident.window).start
        labelled, whole = (self._count(table, begin) for table in ("labelled", "fresh"))
        if whole >= wanted:
            return None
        if labelled < wanted or whole:
            return f"{whole:,} of {wanted:,} rows labelled since {begin:%Y-%m-%d %H:%M} UTC"
        if carried:
            raise self._refuse(
                f"{', '.join(carried)} aren't in the records, and no feedback file has them beside prediction_id, "
                "truth and at; columns that the privacy rule doesn't keep, and keys that are no inputs, must come so"
            )
        raise self._refuse("the predictions' inputs aren't recorded (RECORD_INPUTS)")

    def _count(self, table: str, begin: datetime) -> int:
        query = f"SELECT count(*) FROM {table} WHERE made >= $begin"  # noqa: S608 - the tables' names alone
        found: int = self.connection.execute(query, {"begin": begin}).fetchall()[0][0]
        return found

    def _load_last(self, names: Sequence[str]) -> None:
        dataset = self.manifest.dataset
        key = dataset.uri.removeprefix("s3://").partition("/")[2]
        file = self.folder / "last"
        if not self.assembly.bucket.download(key, dataset.s3_version, file):
            raise self._refuse(f"the last dataset, {dataset.uri}, was deleted")
        days = [name for name in names if self._kind(name) == "date"]
        load_last(self.connection, file, key, self.spec.name, names, days=days)

    def _refuse(self, reason: str) -> RetrainingRefused:
        return RetrainingRefused(self.spec.name, reason)


def _is_alike(one: Contract, other: Contract) -> bool:
    """Whether rows of the one are rows of the other."""
    return _shape(one) == _shape(other)


def _shape(contract: Contract) -> tuple[object, ...]:
    target = contract.target
    columns = [(column.name, column.kind, column.privacy, column.required) for column in contract.columns]
    return (columns, target.name, target.task, sorted(target.labels))
