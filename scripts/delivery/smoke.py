"""The contract tests on a stage."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from cli.api import KEY_VARIABLE
from cli.key_table import KeyTable
from cli.stack import Stack
from delivery.errors import DeliveryFailed
from mlops.authorization.grants import SCOPES

# They read, and change nothing: production gets no dataset and no prediction of a test.
READ_ONLY = (
    "test_it_is_healthy_and_names_the_version_that_serves",
    "test_the_models_are_listed_with_their_champions",
    "test_the_documentation_is_a_page_and_a_document",
    "test_the_root_leads_to_the_documentation",
)
# Without a model the documentation has no route of one.
WITHOUT_A_MODEL = ("test_the_root_leads_to_the_documentation",)
KEY_NAME = "scripts/smoke"
KEY_SECONDS = 3600
KEY_SCOPES = tuple(scope for scope in SCOPES if scope != "operate")


def smoke(root: Path, stack: Stack, *, read_only: bool) -> None:
    """Run the contract tests on a deployed stack. Raises DeliveryFailed if one fails.

    They need a model that serves: the first time a stage gets the example dataset, unless it's `read_only`; then the
    tests that need no model are run alone.
    """
    serves = _serves(stack)
    if not serves and not read_only:
        _train_example(root, stack.name)
    names = (READ_ONLY if serves else WITHOUT_A_MODEL) if read_only else ()
    chosen = ["-k", " or ".join(names)] if names else []
    command = [str(root / "scripts/test"), "contract", "-q", *chosen]
    with _key(stack) as key:
        environ = {**os.environ, "CONTRACT_TARGETS": "deployed", "MLOPS_STACK": stack.name, KEY_VARIABLE: key}
        returned = subprocess.run(command, env=environ, cwd=root, check=False).returncode
    if returned:
        raise DeliveryFailed(f"The stack {stack.name} doesn't keep the contract; the failing tests are above.")


@contextmanager
def _key(stack: Stack) -> Iterator[str]:
    """A key of the stage's API: that of the environment, or one that is deleted afterwards and expires anyway."""
    if given := os.environ.get(KEY_VARIABLE):
        yield given
        return
    keys = KeyTable.of(stack)
    key, _ = keys.issue(KEY_NAME, KEY_SCOPES, seconds=KEY_SECONDS)
    try:
        yield key
    finally:
        keys.delete(key)


def _serves(stack: Stack) -> bool:
    """Whether the stage has a model that serves; its API says 503 until then."""
    url = stack.outputs["ApiUrl"]
    try:
        status = httpx.get(f"{url}/health", timeout=60).status_code
    except httpx.HTTPError as error:
        raise DeliveryFailed(f"{url}/health doesn't answer: {error!r}") from error
    if status not in (200, 503):
        raise DeliveryFailed(f"{url}/health answers with status {status}; the API doesn't start.")
    return status == 200


def _train_example(root: Path, stack: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mlops = str(root / "scripts/mlops")
        for words in (
            ["data", "example", "diagnosis", folder],
            ["data", "put", f"{folder}/diagnosis.csv", "--model", "diagnosis", "--stack", stack],
        ):
            if subprocess.run([mlops, *words], cwd=root, check=False).returncode:
                raise DeliveryFailed(f"The stack {stack} can't train the example dataset; the reason is above.")
