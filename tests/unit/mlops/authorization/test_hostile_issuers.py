"""Tokens and key sets that an issuer really signed or published, and that make no sense."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from mlops.authorization.check import KEPT
from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.jwks import FRESH, PAUSE, STALE, IssuerKeys
from mlops.authorization.keys import digest
from mlops.errors.authorization import KeysUnavailable, NotAuthenticated, NotPermitted
from tests.unit.mlops.authorization.forgeries import AUDIENCE, ISSUER, KID, encode, sign
from tests.unit.mlops.authorization.test_tokens import PREDICT, World

NOW = 1_800_000_000


@pytest.fixture
def world() -> World:
    return World()


def signed(world: World, text: str, **header: Any) -> str:
    """A token of any text, by the issuer's own key."""
    return jws.serialize_compact({"alg": "RS256", "kid": KID, **header}, text, world.issuer.key, algorithms=["RS256"])


def claims(**changed: str) -> str:
    """Claims as JSON; values are JSON already."""
    valid = {
        "iss": json.dumps(ISSUER),
        "aud": json.dumps(AUDIENCE),
        "sub": '"ann"',
        "exp": str(NOW + 60),
        "scope": '"predict"',
    }
    return "{" + ",".join(f'"{name}":{value}' for name, value in (valid | changed).items()) + "}"


def test_the_claims_are_taken_as_they_are(world: World) -> None:
    assert world.checker.check(signed(world, claims()), PREDICT).name == "ann"


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": "NaN"},
        {"exp": "Infinity"},
        {"exp": "-Infinity"},
        {"exp": "1e999"},
        {"exp": "true"},
        {"exp": "null"},
        {"exp": '"1900000000"'},
        {"exp": "-1"},
        {"exp": "9" * 5000},
        {"nbf": "NaN"},
        {"nbf": "Infinity"},
        {"nbf": '"x"'},
        {"iat": "NaN"},
        {"iat": "{}"},
        {"iss": json.dumps([ISSUER])},
        {"iss": json.dumps({ISSUER: 1})},
        {"iss": json.dumps(f"{ISSUER}/")},
        {"iss": json.dumps(f"{ISSUER}\u0000")},
        {"iss": json.dumps(ISSUER.upper())},
        {"sub": "null"},
        {"sub": '""'},
        {"sub": '["ann"]'},
        {"aud": "null"},
        {"aud": "[]"},
        {"aud": "[[]]"},
        {"aud": "[1]"},
        {"aud": json.dumps([AUDIENCE, 1])},
        {"aud": json.dumps(f"{AUDIENCE} other")},
        {"aud": json.dumps({AUDIENCE: AUDIENCE})},
        {"aud": "null", "client_id": json.dumps(AUDIENCE)},
        {"aud": '"other"', "client_id": json.dumps(AUDIENCE)},
        {"scope": "null"},
        {"scope": "7"},
        {"scope": '{"predict": true}'},
        {"scope": '["predict", 7]'},
        {"models": "null"},
        {"models": "[]"},
        {"models": '"churn"'},
        {"models": "[null]"},
        {"models": '{"churn": 1}'},
    ],
    ids=lambda changed: ",".join(f"{name}={value[:30]}" for name, value in changed.items()),
)
def test_claims_of_a_wrong_form_are_refused_and_no_failure(world: World, changed: dict[str, str]) -> None:
    world.refuses(signed(world, claims(**changed)))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "7", '"x"', "{", "{}", "[" * 3000, '{"a":' * 1500, "\ufeff{}", "\x00"]
)
def test_what_are_no_claims_is_refused_and_no_failure(world: World, text: str) -> None:
    world.refuses(signed(world, text))


@pytest.mark.parametrize(
    "scope",
    [
        '"predictx"',
        '"PREDICT"',
        '"*"',
        '"predict:*"',
        '"mlops/predict"',
        '"predict,read"',
        '["predict read"]',
        '""',
        "[]",
    ],
)
def test_a_scope_that_is_like_one_permits_nothing(world: World, scope: str) -> None:
    with pytest.raises(NotPermitted):
        world.checker.check(signed(world, claims(scope=scope)), PREDICT)


def test_of_two_claims_of_one_name_there_is_one_reader(world: World) -> None:
    """The last one is taken everywhere: what decides about the issuer is what decides about the rest."""
    twice = claims()[:-1] + ',"scope":"read"}'
    with pytest.raises(NotPermitted):
        world.checker.check(signed(world, twice), PREDICT)
    world.refuses(signed(world, claims()[:-1] + ',"iss":"https://evil.example"}'))


@pytest.mark.parametrize("name", ["../../etc/passwd", "first\u0000", "", "FIRST", "first ", "file:///dev/null"])
def test_the_id_of_a_key_is_no_path(world: World, name: str) -> None:
    world.refuses(sign(world.issuer.key, world.issuer.claims(), kid=name))


@pytest.mark.parametrize(
    "header",
    [{"crit": ["exp"]}, {"crit": []}, {"crit": ["x"], "x": 1}, {"crit": "kid"}, {"crit": ["b64"], "b64": True}],
)
def test_what_a_header_calls_critical_must_be_known(world: World, header: dict[str, Any]) -> None:
    encoded = json.dumps({"alg": "RS256", "kid": KID, **header})
    payload = encode(world.issuer.claims())
    signature = jws.serialize_compact({"alg": "RS256", "kid": KID}, "x", world.issuer.key, algorithms=["RS256"])
    world.refuses(f"{encode(encoded.encode())}.{payload}.{signature.split('.')[2]}")


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_a_key_that_is_for_one_algorithm_verifies_no_other(world: World, alg: str) -> None:
    public = {**world.issuer.key.as_dict(private=False), "kid": KID, "alg": "RS256"}
    document = json.dumps({"keys": [public]}).encode()
    keys = IssuerKeys("https://issuer.example", world.warned.append, fetch=lambda _: document, now=lambda: world.now)
    found = keys.find(KID)
    assert found is not None
    with pytest.raises(Exception, match="designed for algorithm"):
        jws.deserialize_compact(sign(world.issuer.key, world.issuer.claims(), alg), found, algorithms=[alg])


def weak_key() -> dict[str, Any]:
    """A public key of 1,024 bits, as it's published."""
    numbers = generate_private_key(65_537, 1024).public_key().public_numbers()
    values = {"n": numbers.n, "e": numbers.e}
    return {"kty": "RSA", **{name: encode(n.to_bytes((n.bit_length() + 7) // 8)) for name, n in values.items()}}


def entries() -> list[dict[str, Any]]:
    """Keys that verify nothing, each in its own way."""
    good = RSAKey.generate_key(2048).as_dict(private=False)
    curve = ECKey.generate_key("P-256").as_dict(private=False)
    return [
        weak_key(),
        {**good, "n": 5},
        {**good, "n": ""},
        {**good, "n": "!"},
        {**good, "n": None},
        {**good, "n": ["AQAB"]},
        {**good, "e": ""},
        {**good, "e": "AA"},
        {**good, "e": "AQ"},
        {**good, "e": {}},
        {**good, "use": "sig", "key_ops": ["encrypt"]},
        {**good, "use": ["sig"]},
        {**good, "key_ops": "verify"},
        {**good, "alg": 7},
        {**good, "d": "x"},
        {**good, "kty": "EC"},
        {**good, "kty": ["RSA"]},
        {**curve, "crv": "P-999"},
        {**curve, "crv": None},
        {**curve, "crv": ["P-256"]},
        {**curve, "x": curve["y"], "y": curve["x"]},
        {**curve, "x": "AA"},
        {**curve, "x": 7},
        {**curve, "y": ""},
        {**curve, "kty": "RSA"},
        {"kty": "RSA"},
        {"kty": "EC"},
        {},
    ]


def test_a_key_that_cant_be_used_takes_none_of_the_others_away(world: World) -> None:
    odd = [{**entry, "kid": f"odd {place}"} for place, entry in enumerate(entries())]
    ids: list[Any] = [7, None, [], {}]
    named = [{**entry, "kid": ids[place % 4]} for place, entry in enumerate(entries())]
    public = {**world.issuer.key.as_dict(private=False), "kid": KID}
    document = json.dumps({"keys": [*odd, public, *named, None, "x", []]}).encode()
    keys = IssuerKeys("https://issuer.example", world.warned.append, fetch=lambda _: document, now=lambda: world.now)
    assert keys.find(KID) is not None
    assert world.warned == []


def test_a_key_that_can_be_broken_verifies_nothing(world: World) -> None:
    """RFC 7518 asks for 2048 bits."""
    document = json.dumps({"keys": [{**weak_key(), "kid": KID, "use": "sig"}]}).encode()
    keys = IssuerKeys("https://issuer.example", world.warned.append, fetch=lambda _: document, now=lambda: world.now)
    assert keys.find(KID) is None


@pytest.mark.parametrize(
    "document", [b'{"keys": ' + b"[" * 100_000, b'{"keys": [' + b"9" * 5000 + b"]}", b"\x00", b'{"keys": null}']
)
def test_a_document_that_cant_be_read_refuses_everybody_and_is_asked_for_once(world: World, document: bytes) -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return document

    keys = IssuerKeys("https://issuer.example", world.warned.append, fetch=fetch, now=lambda: world.now)
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            keys.find(KID)
    assert len(asked) == len(world.warned) == 1


def test_a_clock_that_was_set_back_makes_no_issuers_key_last_longer(world: World) -> None:
    token = sign(world.issuer.key, world.issuer.claims(exp=NOW + 10 * 86_400))
    assert world.checker.check(token, PREDICT)
    world.now -= 5 * 86_400
    again = sign(world.issuer.key, world.issuer.claims(exp=NOW + 10 * 86_400, sub="eve", iat=None))
    # The keys are fetched anew: how old those in memory are isn't known any more.
    assert world.checker.check(again, PREDICT)
    assert world.fetched == 2
    world.away = True
    world.now -= 86_400
    with pytest.raises(KeysUnavailable):
        world.checker.check(sign(world.issuer.key, world.issuer.claims(sub="bob", iat=None)), PREDICT)
    world.away, world.now = False, world.now + PAUSE
    assert world.checker.check(sign(world.issuer.key, world.issuer.claims(sub="bob", iat=None)), PREDICT)


def test_an_outage_is_asked_about_twice_a_minute_however_many_tokens_come(world: World) -> None:
    assert world.checker.check(world.issuer.token(), PREDICT)
    world.away = True
    started = world.now
    while world.now - started < STALE + 600:
        token = sign(world.issuer.key, world.issuer.claims(sub=f"{world.now}"))
        if world.now - started <= STALE:
            assert world.checker.check(token, PREDICT)
        else:
            with pytest.raises(KeysUnavailable):
                world.checker.check(token, PREDICT)
        world.now += 7
    assert world.fetched <= 1 + (STALE + 600 - FRESH) / PAUSE + 1


def test_a_key_that_the_issuer_withdrew_is_refused_in_minutes(world: World) -> None:
    before = world.issuer.token()
    assert world.checker.check(before, PREDICT)
    world.issuer.key = RSAKey.generate_key(2048)
    world.now += FRESH + KEPT + 1
    world.refuses(before)


def test_whoever_gets_many_tokens_is_one_caller() -> None:
    first, second = (Grant(digest(text), "ann", frozenset(SCOPES), 0, is_token=True) for text in ("a", "b"))
    key, other = (Grant(digest(text), "ann", frozenset(SCOPES), 0) for text in ("c", "d"))
    assert first.owner == second.owner
    assert len({first.owner, key.owner, other.owner}) == 3


def test_a_token_is_known_as_one(world: World) -> None:
    assert world.checker.identify(world.issuer.token()).is_token
    assert not world.checker.identify(world.add()).is_token


@pytest.mark.parametrize(
    ("name", "caller"),
    [
        ("ann's notebook", "ann's notebook"),
        ("Zoë ✓", "Zoë ✓"),
        ('x", "caller": "root', "x?, ?caller?: ?root"),
        ("a\nb\r\tc\x00\x1b[31m", "a?b??c???31m".replace("??31m", "?[31m")),
        ("\\u0022", "?u0022"),
        ("\u2028\u202e", "??"),
        ("x" * 1000, "x" * 128),
    ],
)
def test_a_name_ends_no_line_and_no_text_of_the_access_log(name: str, caller: str) -> None:
    grant = Grant("d", name, frozenset(), 0)
    assert grant.caller == caller
    assert json.loads(f'{{"caller": "{grant.caller}"}}') == {"caller": caller}


def test_the_reason_of_a_refusal_has_nothing_of_the_token(world: World) -> None:
    for token in (signed(world, claims(exp="1")), signed(world, claims(aud='"marked-audience"'))):
        with pytest.raises(NotAuthenticated) as refused:
            world.checker.check(token, PREDICT)
        assert token.split(".")[1][:20] not in str(refused.value)
        assert "marked" not in str(refused.value)
