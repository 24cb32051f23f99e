"""The key that `scripts/start` makes for this machine."""

import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cli.key_table import KeyTable
from cli.stack import Stack
from loop.api_key import FILE, provide_api_key
from mlops.authorization.grants import SCOPES
from mlops.authorization.keys import digest, is_well_formed

pytestmark = pytest.mark.usefixtures("s3")


@pytest.fixture
def keys() -> KeyTable:
    return KeyTable.of(Stack("mlops", announce=False))


def test_the_key_is_made_once_and_has_every_scope(tmp_path: Path, keys: KeyTable) -> None:
    key = provide_api_key(tmp_path, keys)
    assert is_well_formed(key)
    (grant,) = keys.all()
    assert (grant.digest, grant.scopes, grant.models, grant.expires) == (
        digest(key),
        frozenset(SCOPES),
        frozenset(),
        None,
    )
    assert provide_api_key(tmp_path, keys) == key
    assert [*keys.all()] == [grant]


def test_a_stack_that_was_begun_anew_gets_the_same_key(tmp_path: Path, keys: KeyTable) -> None:
    key = provide_api_key(tmp_path, keys)
    keys.delete(key)
    assert provide_api_key(tmp_path, keys) == key
    assert keys.find(key) is not None


def test_a_revoked_key_is_replaced(tmp_path: Path, keys: KeyTable) -> None:
    key = provide_api_key(tmp_path, keys)
    grant = keys.find(key)
    assert grant
    keys.put(replace(grant, revoked=int(time.time())))
    new = provide_api_key(tmp_path, keys)
    assert new != key
    assert (tmp_path / FILE).read_text() == new
    states = {each.digest: each.revoked is None for each in keys.all()}
    assert states == {digest(key): False, digest(new): True}


def test_nobody_else_on_the_machine_reads_it(tmp_path: Path, keys: KeyTable) -> None:
    provide_api_key(tmp_path, keys)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
