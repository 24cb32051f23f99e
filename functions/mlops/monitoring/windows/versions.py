"""What monitoring reads of a version: its manifest, and the files that its training wrote for it."""

from dataclasses import dataclass

from mlops.artifact.names import HELD_OUT, REFERENCES
from mlops.errors.registry import ArtifactInvalid, KindMismatch, VersionNotFound
from mlops.evaluation.answered_rows import AnsweredRows, load_rows
from mlops.monitoring.drift import Reference
from mlops.monitoring.drift.files import load_references
from mlops.privacy import private_columns
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions


@dataclass(frozen=True)
class WatchedVersion:
    """A version with the references of its columns and answers, and its held-out rows; `remarks` say what's missing."""

    manifest: Manifest
    references: dict[str, Reference]
    held_out: AnsweredRows | None
    remarks: tuple[str, ...] = ()


def read_version(versions: Versions, number: int) -> WatchedVersion | str:
    """A version as far as it can be watched; the reason, if it can't at all."""
    try:
        manifest = versions.table(number)
    except (VersionNotFound, ArtifactInvalid, KindMismatch) as error:
        return f"Only its traffic is watched: {error}"
    remarks = []
    if private := [column.name for column in private_columns(manifest.contract)]:
        remarks.append(f"Private columns aren't watched for drift: {', '.join(private)}.")
    files: dict[str, bytes] = {}
    for name, purpose in ((REFERENCES, "drift isn't looked for"), (HELD_OUT, "performance isn't estimated")):
        if name not in manifest.files:
            remarks.append(f"The version has no {name}, since it's older than monitoring: {purpose}.")
            continue
        try:
            files[name] = versions.read(manifest, name)
        except ArtifactInvalid as error:
            remarks.append(f"{error}: {purpose}.")
    return WatchedVersion(
        manifest,
        load_references(files[REFERENCES]) if REFERENCES in files else {},
        load_rows(files[HELD_OUT]) if HELD_OUT in files else None,
        tuple(remarks),
    )
