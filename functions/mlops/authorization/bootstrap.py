"""The checks of keys and tokens put together from their settings."""

from collections.abc import Callable

from mlops.authorization.check import Checker
from mlops.authorization.grants import Grant
from mlops.authorization.jwks import IssuerKeys
from mlops.authorization.settings import AuthorizationSettings
from mlops.authorization.table import Call, KeysTable
from mlops.authorization.tokens import TokenVerifier


def make_checker(settings: AuthorizationSettings, call: Call, warn: Callable[[str], None]) -> Checker:
    """The check, which asks DynamoDB by `call`; `warn` gets what is wrong but refuses nobody."""
    table = KeysTable(settings.keys_table, call, warn)
    return Checker(table.find, table.touch, make_verifier(settings, warn))


def make_verifier(settings: AuthorizationSettings, warn: Callable[[str], None]) -> Callable[[str], Grant] | None:
    """What gives the grant of a token; None where no tokens are taken."""
    trust = settings.trust
    return TokenVerifier(trust, IssuerKeys(trust.keys_url, warn)).grant if trust else None
