"""The registry as the command line sees it: a model, and versions called by number or by name."""

import os
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.stack import Stack
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import Store, open_store
from mlops.registry.versions import Versions, list_models
from mlops.tracking.mirror import Mirror, open_mirror

LATEST = "latest"

ModelArgument = Annotated[str, typer.Argument(help="The model's name.")]
VersionArgument = Annotated[str, typer.Argument(help="A version: its number, an alias such as champion, or latest.")]


def open_models(stack: Stack) -> Store:
    """The registry's store."""
    return open_store(models_address(stack))


def models_address(stack: Stack) -> str:
    """Where the registry lies, `s3://bucket`."""
    return f"s3://{stack.outputs['ModelsBucketName']}"


@dataclass(frozen=True)
class Model:
    """One model of the registry."""

    name: str
    versions: Versions
    aliases: Aliases

    def find(self, reference: str = CHAMPION) -> Manifest:
        """The version behind a number, an alias, or `latest`. Raises CommandError for what is none of them."""
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


def open_model(stack: Stack, name: str) -> Model:
    """A model of the stack's registry. Raises CommandError, with the names there are, where it has none such."""
    store = open_models(stack)
    known = list_models(store)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise CommandError(f"There is no model named {name!r}. {hint}There are: {', '.join(known) or 'none yet'}.")
    return Model(name, Versions(store, name), Aliases(store, name))


def open_stack_mirror(stack: Stack) -> Mirror:
    """The MLflow that the stack was deployed with; MLFLOW_TRACKING_URI names another address of it."""
    address = os.environ.get("MLFLOW_TRACKING_URI") or stack.parameters.get("MlflowTrackingUri", "")
    return open_mirror(address, models_address(stack), os.environ)
