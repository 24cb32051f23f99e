"""The API key of this machine: made once, kept with the other local state, and valid in each stack that is started."""

from pathlib import Path

from cli.key_table import KeyTable
from loop.secret_file import read_secret
from mlops.authorization.grants import SCOPES
from mlops.authorization.keys import new_key

FILE = "api-key"
NAME = "scripts/start"


def provide_api_key(state: Path, keys: KeyTable) -> str:
    """The key in the folder `state`, which has every scope of the stack; a new one where that was revoked there."""
    file = state / FILE
    key = read_secret(file, new_key)
    grant = keys.find(key)
    if grant is None:
        keys.issue(NAME, SCOPES, key=key)
    elif not grant.stands_at(keys.now()):
        file.unlink(missing_ok=True)
        return provide_api_key(state, keys)
    return key
