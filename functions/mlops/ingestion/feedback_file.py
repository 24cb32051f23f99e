"""An uploaded feedback file → feedback objects in the records bucket, and a report next to the file."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError

from mlops.contract import MODEL_NAME
from mlops.errors.base import ErrorWithheld, MlopsError
from mlops.errors.records import FeedbackRejected
from mlops.errors.registry import KindMismatch
from mlops.events import ObjectCreated
from mlops.privacy import private_columns
from mlops.records.bulk.ingest import FeedbackFile, ingest_file
from mlops.records.bulk.rows import FORMATS
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions

if TYPE_CHECKING:
    from obstore import GetOptions

REPORT = ".report.json"
KEY = re.compile(rf"feedback/(?P<model>{MODEL_NAME.pattern})/[^/]+(?:{'|'.join(map(re.escape, FORMATS))})")
_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True, kw_only=True)
class FeedbackFiles:
    """Stores the truths of uploaded files: `data` is the bucket that they lie in, `records` where the truths go.

    `records_bucket` is the name of the latter, for reports. A file is read by the contract and key of its model's
    champion; `privacy_key` keys the hashes of a key's cells.
    """

    data: Store
    registry: Store
    records: Store
    records_bucket: str
    privacy_key: bytes
    now: Callable[[], datetime]

    def take(self, created: ObjectCreated) -> dict[str, Any]:
        """Store the file's truths; returns the report, which is also written next to the file.

        What a retry could cure (a bucket that doesn't answer) is raised; what it couldn't (a file without the columns
        of feedback, a model without a champion) is in the report, with the outcome "rejected". "unchanged" is the
        outcome of a file whose content was stored before, by another upload.
        """
        match = KEY.fullmatch(created.key)
        if match is None:
            # Nobody looks for a report there; the log has the reason.
            reason = f"{created.key} isn't feedback/<model>/<name>{', '.join(FORMATS)}"
            return _report(created, None, {"outcome": "rejected", "reason": reason})
        with TemporaryDirectory() as folder:
            path = Path(folder) / "feedback"
            try:
                self._fetch(created, path)
            except FileNotFoundError:
                reason = "it was deleted before it was read; upload it again"
                return _report(created, match["model"], {"outcome": "rejected", "reason": reason})
            try:
                found = self._store(created, match["model"], path)
            except (FeedbackRejected, KindMismatch) as error:
                found = {"outcome": "rejected", "reason": str(error)}
        report = _report(created, match["model"], found)
        obstore.put(self.data, created.key + REPORT, json.dumps(report, indent=2).encode())
        return report

    def _fetch(self, created: ObjectCreated, path: Path) -> None:
        """Write exactly this version of the object to a file. Raises FileNotFoundError if it was deleted."""
        version: GetOptions = {"version": created.s3_version} if created.s3_version else {}
        with path.open("wb") as file:
            for chunk in obstore.get(self.data, created.key, options=version).stream(_CHUNK):
                file.write(chunk)

    def _store(self, created: ObjectCreated, model: str, path: Path) -> dict[str, Any]:
        champion = self._find_champion(model, created.key)
        file = FeedbackFile(
            model=model,
            contract=champion.contract,
            source=created.key,
            path=path,
            s3_version=created.s3_version,
            key=champion.key,
            privacy_key=self.privacy_key,
        )
        try:
            stored = ingest_file(self.records, file, self.now())
        except (MlopsError, BaseError, OSError):
            raise
        except Exception as error:
            if private_columns(champion.contract):
                raise ErrorWithheld(error) from None
            raise
        rejected = stored["rejected"]
        listed = rejected["all"] and f"s3://{self.records_bucket}/{rejected['all']}"
        return {**stored, **_judge(stored, created), "rejected": {**rejected, "all": listed}}

    def _find_champion(self, model: str, source: str) -> Manifest:
        alias = Aliases(self.registry, model).find(CHAMPION)
        if alias is None:
            reason = f"there is no champion of {model!r} whose labels it could have; upload it again when there is one"
            raise FeedbackRejected(source, reason)
        return Versions(self.registry, model).table(alias.version)


def _judge(stored: dict[str, Any], created: ObjectCreated) -> dict[str, str]:
    """The outcome of an upload and its reason, the same however often it's delivered."""
    rejected = stored["rejected"]
    reasons = ", ".join(f"{count:,} by {rule!r}" for rule, count in rejected["reasons"].items())
    if (stored["source"], stored["s3_version"]) != (created.key, created.s3_version):
        reason = f"the same content was stored before, as {stored['source']} at {stored['received_at']}"
        return {"outcome": "unchanged", "reason": reason}
    if not stored["stored"]:
        reason = f"none of {stored['rows']:,} rows can be used ({reasons})" if stored["rows"] else "it has no rows"
        return {"outcome": "rejected", "reason": reason}
    left_out = f"; {rejected['rows']:,} can't be used ({reasons})" if rejected["rows"] else ""
    return {"outcome": "stored", "reason": f"{stored['stored']:,} of {stored['rows']:,} rows are stored{left_out}"}


def _report(created: ObjectCreated, model: str | None, found: dict[str, Any]) -> dict[str, Any]:
    """The report on an upload: `source` and `s3_version` are its own."""
    return {**found, "model": model, "source": created.key, "s3_version": created.s3_version}
