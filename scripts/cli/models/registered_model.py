"""A model of the stack's registry, and its versions by number, by alias, or as the latest."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError
from cli.stack import Stack
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Manifest, VersionManifest
from mlops.registry.store import Store, open_store
from mlops.registry.versions import Versions, list_models
from mlops.tracking.mirror import Mirror, open_mirror

if TYPE_CHECKING:
    from mlops.registry.versions import AnyManifest

LATEST = "latest"

ModelArgument = Annotated[str, typer.Argument(help="The model's name.")]
VersionArgument = Annotated[str, typer.Argument(help="A version: its number, an alias such as champion, or latest.")]
SecondVersionArgument = Annotated[str, typer.Argument(help="The version to compare it with.")]


@dataclass(frozen=True)
class RegisteredModel:
    """One model of the registry."""

    name: str
    versions: Versions
    aliases: Aliases

    def find_table(self, reference: str = CHAMPION) -> Manifest:
        """As `find`, of a table's model. Raises KindMismatch for another kind of model."""
        return self.versions.table(self.find(reference).version)

    def find(self, reference: str = CHAMPION) -> "AnyManifest":
        """The version that a number, an alias or `latest` refers to. Raises CommandError if it refers to none."""
        if reference.isascii() and reference.isdigit():
            return self.versions.manifest(int(reference))
        if reference == LATEST:
            numbers = self.versions.numbers()
            if not numbers:
                raise CommandError(f"Model {self.name!r} has no version yet.")
            return self.versions.manifest(numbers[-1])
        alias = self.aliases.find(reference)
        if alias is None:
            names = ", ".join([*self.aliases.names(), LATEST])
            raise CommandError(
                f"{reference!r} is no version of {self.name!r}: give a number, or one of these names: {names}"
            )
        return self.versions.manifest(alias.version)

    def aliases_by_version(self) -> dict[int, list[str]]:
        """The aliases in use, by the version that they point at."""
        found: dict[int, list[str]] = {}
        for name in self.aliases.names():
            alias = self.aliases.find(name)
            if alias and not alias.withdrawn:
                found.setdefault(alias.version, []).append(name)
        return found


def describe_status(manifest: VersionManifest, aliases: Sequence[str]) -> str:
    """The aliases that point at a version, or its standing: kept, held for approval, or refused."""
    if aliases:
        return ", ".join(aliases)
    return "kept" if manifest.accepted else "held" if manifest.held else "refused"


def open_registry(stack: Stack) -> Store:
    """The store of the stack's registry."""
    return open_store(_address(stack))


def open_model(stack: Stack, name: str) -> RegisteredModel:
    """A model of the stack's registry. Raises CommandError, with the names that exist, if it has none of this name."""
    store = open_registry(stack)
    known = list_models(store)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise CommandError(f"There is no model named {name!r}. {hint}There are: {', '.join(known) or 'none yet'}.")
    return read_model(store, name, stack.now)


def read_model(store: Store, name: str, now: Callable[[], datetime]) -> RegisteredModel:
    """A model that the store is known to have; `now` is the time of moves of its aliases."""
    return RegisteredModel(name, Versions(store, name), Aliases(store, name, now))


def open_stack_mirror(stack: Stack) -> Mirror:
    """The MLflow that the stack was deployed with; MLFLOW_TRACKING_URI replaces its address."""
    address = os.environ.get("MLFLOW_TRACKING_URI") or stack.parameters.get("MlflowTrackingUri", "")
    return open_mirror(address, _address(stack), os.environ)


def _address(stack: Stack) -> str:
    return f"s3://{stack.outputs['ModelsBucketName']}"
