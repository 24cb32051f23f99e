"""What intake and the flows of training share: an upload, the outcome of a training, and what a trainer is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

from mlops.errors.violations import Violation
from mlops.intake.resources import Resources
from mlops.registry.manifest.manifest import Code, VersionManifest
from mlops.registry.promotion import Standing
from mlops.registry.versions import Versions


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A dataset as it was uploaded: its address, S3 version and bytes; the incident that assembled it, if one did."""

    uri: str
    s3_version: str | None
    content: bytes
    incident: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome[M: VersionManifest]:
    """The result of a training, the rows that it left out, as violations, and the champion that serves now, if any."""

    standing: Standing
    manifest: M
    violations: tuple[Violation, ...]
    champion: int | None = None


class LoadForServing(Protocol):
    """How the code that serves predictions loads a version.

    The entry point passes it to training, since the two never import each other.
    """

    def __call__(self, versions: Versions, number: int) -> object:
        """Load the version and answer its golden rows. Raises ArtifactInvalid with the reason if that fails."""


@runtime_checkable
class SearchTrainer(Protocol):
    """A trainer whose search can be run in parts, anywhere and many at once."""

    def plan(self, upload: Upload, spec: Any, code: Code) -> list[dict[str, Any]]:
        """The parts that the search needs next, as JSON; none if it has all that it needs."""
        ...

    def fit(self, upload: Upload, spec: Any, code: Code, wanted: Mapping[str, Any]) -> None:
        """Run one part, and keep its outcome for the training."""
        ...


class Trainer[S](Protocol):
    """Trains models that have specs of a kind S into a registry."""

    def under(self, progress: Callable[[str], None], resources: Resources) -> Self:
        """The trainer with another function for its steps, and what it may use."""
        ...

    def train(self, upload: Upload, spec: S, code: Code) -> Outcome[VersionManifest]:
        """Train a version on the dataset, unless this very training was done before, and promote it if it earned it.

        Raises DatasetRejected, CompilationFailed, EstimatorFailed, TrainingContested, or what services raise.
        """
        ...
