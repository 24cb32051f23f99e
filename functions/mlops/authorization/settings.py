"""Whose keys and tokens are taken: the settings that AuthorizeFunction and the application share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from mlops.authorization.jwks import is_keys_url
from mlops.authorization.tokens import Trust
from mlops.errors.base import SettingInvalid


@dataclass(frozen=True)
class AuthorizationSettings:
    """KEYS_TABLE, and TOKEN_ISSUER, TOKEN_AUDIENCES and TOKEN_KEYS_URL; without an issuer no tokens are taken."""

    keys_table: str
    trust: Trust | None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The settings in the environment. Raises SettingInvalid.

        They aren't read by pydantic, which an authorizer would import for nothing else.
        """
        table = environ.get("KEYS_TABLE", "")
        if not table:
            raise SettingInvalid("KEYS_TABLE", None, "AUTHORIZATION keys needs the table of the keys")
        return cls(table, _read_trust(environ))


def _read_trust(environ: Mapping[str, str]) -> Trust | None:
    issuer = environ.get("TOKEN_ISSUER", "")
    if not issuer:
        return None
    audiences = frozenset(environ.get("TOKEN_AUDIENCES", "").replace(",", " ").split())
    if not audiences:
        raise SettingInvalid("TOKEN_AUDIENCES", "", "tokens of TOKEN_ISSUER need an audience that they are for")
    url = environ.get("TOKEN_KEYS_URL") or f"{issuer.rstrip('/')}/.well-known/jwks.json"
    if not is_keys_url(url):
        raise SettingInvalid("TOKEN_KEYS_URL", url, "the issuer's keys are fetched by https, or from this machine")
    return Trust(issuer, audiences, url)
