"""What training asks of the code that serves, which the entry point hands to it: the two never import each other."""

from typing import Protocol

from mlops.registry.versions import Versions


class Serve(Protocol):
    """The serving code's way to take a version."""

    def __call__(self, versions: Versions, number: int) -> object:
        """Load the version and answer its golden rows. Raises ArtifactInvalid with the reason if it can't."""
