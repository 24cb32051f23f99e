"""Tokens of an issuer, and ten thousand keys and tokens that aren't what they say."""

import json
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from mlops.authorization.check import KEPT, Checker
from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.jwks import FRESH, PAUSE, STALE, IssuerKeys, is_keys_url
from mlops.authorization.keys import digest, new_key
from mlops.authorization.needs import Need
from mlops.authorization.settings import AuthorizationSettings
from mlops.authorization.tokens import TokenVerifier, Trust, is_token
from mlops.errors.authorization import KeysUnavailable, NotAuthenticated, NotPermitted
from mlops.errors.base import SettingInvalid
from tests.unit.mlops.authorization.forgeries import (
    AUDIENCE,
    ISSUER,
    KID,
    Issuer,
    forged_keys,
    forged_tokens,
    sign,
)

FORGERIES = 10_000
PREDICT = Need("predict", "churn")


class World:
    """An issuer, a table of keys, and a clock that stands still."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.issuer = Issuer(lambda: self.now)
        self.fetched = 0
        self.away = False
        self.warned: list[str] = []
        self.grants: dict[str, Grant] = {}
        keys = IssuerKeys("https://issuer.example/jwks", self.warned.append, fetch=self.fetch, now=lambda: self.now)
        trust = Trust(ISSUER, frozenset((AUDIENCE, "second")), "https://issuer.example/jwks")
        verifier = TokenVerifier(trust, keys, lambda: self.now)
        self.checker = Checker(self.grants.get, lambda *_: None, verifier.grant, now=lambda: self.now)

    def fetch(self, _: str) -> bytes:
        self.fetched += 1
        if self.away:
            raise OSError("it is away")
        return self.issuer.document

    def add(self, **given: Any) -> str:
        key = new_key()
        self.grants[digest(key)] = replace(Grant(digest(key), "known", frozenset(SCOPES), 1), **given)
        return key

    def refuses(self, credential: str, need: Need = PREDICT) -> str:
        with pytest.raises(NotAuthenticated) as refused:
            self.checker.check(credential, need)
        return str(refused.value)


@pytest.fixture
def world() -> World:
    return World()


def test_a_token_grants_the_scopes_that_are_known_here_to_whom_it_names(world: World) -> None:
    grant = world.checker.check(world.issuer.token(scope="predict openid root"), PREDICT)
    assert (grant.name, *grant.scopes, *grant.models) == ("ann", "predict")
    with pytest.raises(NotPermitted):
        world.checker.check(world.issuer.token(scope="read"), PREDICT)
    assert world.checker.check(world.issuer.token(scope=None, scp=["predict"]), PREDICT)
    with pytest.raises(NotPermitted):
        world.checker.check(world.issuer.token(scope=None), PREDICT)


def test_a_token_may_be_for_some_models_alone(world: World) -> None:
    token = world.issuer.token(models=["churn"])
    assert world.checker.check(token, PREDICT).models == {"churn"}
    with pytest.raises(NotPermitted):
        world.checker.check(token, Need("predict", "other"))
    for models in ([], "churn", [1]):
        world.refuses(world.issuer.token(models=models))


@pytest.mark.parametrize("claims", [{"aud": ["other", "second"]}, {"aud": None, "client_id": AUDIENCE}])
def test_a_token_names_one_of_the_audiences(world: World, claims: dict[str, Any]) -> None:
    assert world.checker.check(world.issuer.token(**claims), PREDICT)
    assert world.checker.check(sign(world.issuer.curve, world.issuer.claims(**claims), "ES256", kid="curve"), PREDICT)


def test_a_token_is_refused_once_it_expires_also_while_it_is_believed(world: World) -> None:
    token = world.issuer.token(exp=int(world.now) + 5)
    assert world.checker.check(token, PREDICT)
    world.now += 5
    world.refuses(token)
    world.now += KEPT
    assert "expired" in world.refuses(token) or "isn't valid" in world.refuses(token)


def test_tokens_are_refused_where_no_issuer_is_trusted(world: World) -> None:
    closed = Checker(world.grants.get, lambda *_: None, now=lambda: world.now)
    token = world.issuer.token()
    assert not closed.reads(token)
    with pytest.raises(NotAuthenticated):
        closed.check(token, PREDICT)
    assert world.checker.reads(token)


def test_none_of_ten_thousand_forged_keys_and_tokens_is_let_in(world: World) -> None:
    draw = random.Random(17)
    # What is true stands in memory meanwhile: nothing that is like it may find it there.
    good = world.add()
    for credential in (good, world.issuer.token()):
        assert world.checker.check(credential, PREDICT)
    unusable = {"expired": world.add(expires=int(world.now)), "revoked": world.add(revoked=int(world.now) - 1)}
    makers = forged_tokens(world.issuer, draw) | forged_keys(good, unusable, draw)
    kinds = sorted(makers)
    let_in: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for turn in range(FORGERIES):
        kind = kinds[turn % len(kinds)]
        credential = makers[kind]()
        tried[kind] += 1
        try:
            world.checker.check(credential, PREDICT)
            let_in[kind] += 1
        except NotAuthenticated as error:
            assert len(credential) < 30 or credential not in str(error)
    assert (sum(tried.values()), len(tried)) == (FORGERIES, len(makers))
    assert len(makers) >= 30
    assert let_in == Counter()
    # Nothing that was refused has made the issuer be asked again and again.
    assert world.fetched == 1


def test_keys_are_fetched_again_when_they_are_old_or_a_new_one_is_named(world: World) -> None:
    assert world.checker.check(world.issuer.token(), PREDICT)
    world.now += FRESH + 1
    assert world.checker.check(world.issuer.token(), PREDICT)
    assert world.fetched == 2
    before, world.issuer.key = world.issuer.token(), RSAKey.generate_key(2048)
    rotated = sign(world.issuer.key, world.issuer.claims())
    world.refuses(rotated)  # within the pause after the last fetch
    world.now += FRESH + 1
    assert world.checker.check(rotated, PREDICT)
    world.refuses(before)


def test_unknown_keys_are_asked_for_once_in_a_while(world: World) -> None:
    for number in range(50):
        world.refuses(sign(world.issuer.key, world.issuer.claims(), kid=f"invented {number}"))
    assert world.fetched == 1
    world.now += PAUSE
    world.refuses(sign(world.issuer.key, world.issuer.claims(), kid="invented"))
    assert world.fetched == 2


def test_nobody_is_let_in_while_keys_were_never_fetched_or_too_long_ago(world: World) -> None:
    world.away = True
    with pytest.raises(KeysUnavailable):
        world.checker.check(world.issuer.token(), PREDICT)
    assert "it is away" in world.warned[0]
    world.away, world.now = False, world.now + PAUSE
    assert world.checker.check(world.issuer.token(), PREDICT)
    world.away, world.now = True, world.now + STALE
    assert world.checker.check(world.issuer.token(), PREDICT)
    world.now += 1
    with pytest.raises(KeysUnavailable):
        world.checker.check(world.issuer.token(), PREDICT)


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"keys": {}}', b"\xff", b'"keys"'])
def test_a_document_that_is_no_key_set_is_none(world: World, document: bytes) -> None:
    keys = IssuerKeys("https://issuer.example", world.warned.append, fetch=lambda _: document)
    with pytest.raises(KeysUnavailable):
        keys.find(KID)
    assert len(world.warned) == 1


def test_symmetric_and_encrypting_keys_verify_nothing(world: World) -> None:
    public = {**world.issuer.key.as_dict(private=False), "kid": KID}
    entries = [{**public, "use": "enc"}, {"kty": "oct", "k": "c2VjcmV0", "kid": KID}, {"kty": "RSA", "kid": KID}, 7]
    document = json.dumps({"keys": entries}).encode()
    keys = IssuerKeys("https://issuer.example", world.warned.append, fetch=lambda _: document)
    assert keys.find(KID) is None


def test_a_key_is_no_token_and_a_token_no_key() -> None:
    assert not is_token(new_key())
    assert is_token("eyJ.e30.AA")
    assert not is_token("eyJ.e30")


def test_the_issuer_is_read_from_the_environment() -> None:
    environ = {"KEYS_TABLE": "keys", "TOKEN_ISSUER": ISSUER, "TOKEN_AUDIENCES": f"{AUDIENCE}, second"}
    trust = AuthorizationSettings.read(environ).trust
    assert trust == Trust(ISSUER, frozenset((AUDIENCE, "second")), f"{ISSUER}/.well-known/jwks.json")
    assert AuthorizationSettings.read({"KEYS_TABLE": "keys", "TOKEN_ISSUER": ""}).trust is None


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"KEYS_TABLE": ""}, "KEYS_TABLE"),
        ({"TOKEN_AUDIENCES": " , "}, "TOKEN_AUDIENCES"),
        ({"TOKEN_KEYS_URL": "http://issuer.example/jwks"}, "TOKEN_KEYS_URL"),
        ({"TOKEN_KEYS_URL": "file:///etc/passwd"}, "TOKEN_KEYS_URL"),
    ],
)
def test_a_setting_that_is_missing_or_unsafe_is_named(changed: dict[str, str], named: str) -> None:
    environ = {"KEYS_TABLE": "keys", "TOKEN_ISSUER": ISSUER, "TOKEN_AUDIENCES": AUDIENCE}
    with pytest.raises(SettingInvalid, match=named):
        AuthorizationSettings.read(environ | changed)


def test_keys_of_an_issuer_come_by_https_or_from_this_machine() -> None:
    assert is_keys_url("https://issuer.example/jwks")
    assert is_keys_url("http://127.0.0.1:8080/jwks")
    assert not any(is_keys_url(url) for url in ("http://issuer.example", "ftp://127.0.0.1/x", "https://", "", "jwks"))
