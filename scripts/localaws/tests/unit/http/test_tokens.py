"""Tokens of JWT authorizers: none that the issuer hasn't signed for this API is let in."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from localaws.http.authorization.issuers import DISCOVERY, Issuers, Unreachable
from localaws.http.authorization.requirement import Asked, NotAuthorized, Requirement
from localaws.http.authorization.tokens import JwtAuthorizers

ISSUER = "https://issuer.example"
NOW = 1_000_000
KEY, OTHER = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
GOOD = {"iss": ISSUER, "aud": "mine", "exp": NOW + 60, "scope": "read"}


def fetch(url: str) -> bytes:
    published = {**KEY.as_dict(private=False), "kid": "first"}
    documents = {f"{ISSUER}{DISCOVERY}": {"jwks_uri": f"{ISSUER}/keys"}, f"{ISSUER}/keys": {"keys": [published]}}
    return json.dumps(documents[url]).encode()


def authorizers(read: Callable[[str], bytes] = fetch) -> JwtAuthorizers:
    return JwtAuthorizers(Issuers(lambda: NOW, read), lambda: NOW)


def asked(token: str) -> Asked:
    authorizer = SimpleNamespace(
        identity_source=["$request.header.Authorization"], jwt_config={"issuer": ISSUER, "audience": ["mine"]}
    )
    event = {"headers": {"authorization": token}, "requestContext": {}}
    requirement = Requirement("JWT", authorizer, ("read",))
    return Asked(requirement, event, "api", "$default", "us-east-1", {}, "/", b"", "execute-api:Invoke", "arn")


def encoded(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(claims: dict[str, Any], key: RSAKey = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first", **header}, claims, key)


def forgeries(draw: random.Random) -> list[Callable[[], str]]:
    """Makers of tokens that aren't valid, from a few that were signed: signing takes a millisecond."""
    good, own = signed(GOOD), signed(GOOD, OTHER)
    header, payload, signature = good.split(".")
    claims: dict[str, list[Any]] = {
        "exp": [NOW, 1, "x", None, True, []],
        "aud": ["yours", ["yours"], [], {}, [{}], None, 1],
        "iss": ["https://else.example", f"{ISSUER}/", None],
        "scope": ["write", "", ["write"], {}, [{}], 1],
        "nbf": [NOW + 1, "x"],
        "iat": [NOW + 1, "x"],
    }
    wrong = [signed({**GOOD, name: value}) for name, values in claims.items() for value in values]
    wrong.append(signed({name: value for name, value in GOOD.items() if name != "exp"}))
    named = signed(GOOD, OTHER, jwk=OTHER.as_dict(private=False)), signed(GOOD, kid="second")
    secret = OctKey.import_key(str(KEY.as_dict(private=False)["n"]))
    confused = jwt.encode({"alg": "HS256", "kid": "first"}, GOOD, secret)

    def changed() -> str:
        place = draw.randrange(len(good) - 2)
        return good[:place] + draw.choice("ABCDEFGHabc019-_".replace(good[place], "")) + good[place + 1 :]

    def headed() -> str:
        algorithm: Any = draw.choice(("none", "None", "HS256", "RS1", "PS256", "ES256", "", None, 5, ["RS256"], {}))
        kid: Any = draw.choice(("first", "", None, 5, [], "../../dev/null"))
        last = draw.choice(("", signature, encoded(b"x")))
        return f"{encoded({'alg': algorithm, 'kid': kid})}.{payload}.{last}"

    return [
        changed,
        headed,
        lambda: good[: draw.randrange(len(good) - 1)],
        lambda: draw.choice(wrong),
        lambda: draw.choice(named),
        lambda: draw.choice((own, confused)),
        lambda: f"{header}.{encoded({**GOOD, 'sub': str(draw.random())})}.{signature}",
        lambda: f"{encoded(draw.choice(([], 1, 'x', None, b'{')))}.{payload}.{signature}",
        lambda: f"{good}.{draw.choice(('', 'a', payload))}",
        lambda: "".join(chr(draw.randrange(32, 0x17F)) for _ in range(draw.randrange(1, 60))),
    ]


@pytest.mark.proves("http jwt signatures", "http jwt invalid")
def test_none_of_ten_thousand_forged_tokens_is_let_in() -> None:
    draw = random.Random(17)
    makers, known = forgeries(draw), authorizers()
    assert known.authorize(asked(signed(GOOD))).authorizer["jwt"]["scopes"] == ["read"]
    let_in, statuses = 0, set()
    for turn in range(10_000):
        token = makers[turn % len(makers)]()
        try:
            known.authorize(asked(draw.choice(("", "Bearer ")) + token))
            let_in += 1
        except NotAuthorized as refused:
            statuses.add(refused.response.status)
            assert len(token) < 30 or token not in str(refused.response)
    assert (let_in, statuses) == (0, {401, 403})


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b'{"jwks_uri": 5}', b'{"keys": [{"kty": "RSA", "kid": "a"}]}'])
def test_an_issuer_that_answers_something_else_is_unreachable(answer: bytes) -> None:
    with pytest.raises(Unreachable):
        Issuers(lambda: NOW, lambda _: answer).key(ISSUER, "first")
    with pytest.raises(NotAuthorized) as refused:
        authorizers(lambda _: answer).authorize(asked(signed(GOOD)))
    assert refused.value.response.status == 401


def test_keys_that_arent_rsa_are_left_out() -> None:
    published = [{"kty": "oct", "kid": "first", "k": "AAAA"}, {"kty": "EC", "kid": "first"}]
    documents = {f"{ISSUER}{DISCOVERY}": {"jwks_uri": f"{ISSUER}/keys"}, f"{ISSUER}/keys": {"keys": published}}
    assert Issuers(lambda: NOW, lambda url: json.dumps(documents[url]).encode()).key(ISSUER, "first") is None
