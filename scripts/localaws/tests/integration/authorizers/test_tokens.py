"""JWT authorizers of HTTP APIs: claims, scopes, signatures and keys."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from localaws_testing.authorizers import FORBIDDEN, UNAUTHORIZED, get, refusal
from localaws_testing.issuer import Issuer


@pytest.mark.proves(
    "http jwt claims",
    "AWS::Serverless::HttpApi.Auth.Authorizers.IdentitySource",
    "AWS::Serverless::HttpApi.Auth.Authorizers.JwtConfiguration",
    "AWS::Serverless::HttpApi.Auth.Authorizers.AuthorizationScopes",
    "HttpApi event.Auth.AuthorizationScopes",
)
@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer "])
def test_a_valid_token_passes_with_its_claims_as_texts(stack: dict[str, str], trusted: Issuer, prefix: str) -> None:
    token = trusted.token(scope="other read", groups=["a", "b"], admin=True)
    answer = get(f"{stack['Api']}/token", authorization=prefix + token)
    assert answer.status_code == 200, answer.text
    found = answer.json()["jwt"]
    assert (found["claims"]["sub"], found["claims"]["groups"], found["claims"]["admin"]) == ("ann", "[a b]", "true")
    assert found["claims"]["exp"].isdecimal()
    assert found["scopes"] == ["read"]


@pytest.mark.proves("http jwt scopes")
def test_a_token_needs_one_of_the_routes_scopes(stack: dict[str, str], trusted: Issuer) -> None:
    for changed in ({"scope": "admin"}, {"scp": ["admin", "x"]}, {"scp": "x admin"}):
        assert get(f"{stack['Api']}/admin", authorization=trusted.token(**changed)).status_code == 200
        refused = get(f"{stack['Api']}/token", authorization=trusted.token(**changed))
        assert refusal(refused) == FORBIDDEN
        assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert refusal(get(f"{stack['Api']}/token", authorization=trusted.token())) == FORBIDDEN


@pytest.mark.proves("http jwt invalid")
@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://else.example"},
        {"aud": "else"},
        {"aud": None, "client_id": "else"},
        {"aud": "else", "client_id": "mine"},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
    ],
    ids=lambda changed: ",".join(f"{name}={value}" for name, value in changed.items()),
)
def test_a_token_with_a_wrong_claim_is_a_401(stack: dict[str, str], trusted: Issuer, changed: dict[str, Any]) -> None:
    answer = get(f"{stack['Api']}/token", authorization=trusted.token(scope="read", **changed))
    assert refusal(answer) == UNAUTHORIZED
    assert answer.headers["www-authenticate"].startswith('Bearer scope="read write" error="invalid_token"')


@pytest.mark.proves("http jwt audiences")
@pytest.mark.parametrize("changed", [{"aud": ["x", "yours"]}, {"aud": None, "client_id": "mine"}])
def test_an_audience_can_be_one_of_several_or_the_client_id(
    stack: dict[str, str], trusted: Issuer, changed: dict[str, Any]
) -> None:
    assert get(f"{stack['Api']}/token", authorization=trusted.token(scope="read", **changed)).status_code == 200


def forged(trusted: Issuer, kind: str) -> str:
    """A token that the issuer hasn't signed."""
    good = trusted.token(scope="read")
    header, payload, signature = good.split(".")
    match kind:
        case "none":
            blank = base64.urlsafe_b64encode(b'{"alg":"none","kid":"first"}').rstrip(b"=").decode()
            return f"{blank}.{payload}."
        case "confusion":
            # The public key as the secret of a symmetric signature.
            blank = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"first"}').rstrip(b"=").decode()
            secret, signed_part = trusted.keys["first"].as_pem(private=False), f"{blank}.{payload}"
            digest = hmac.digest(secret, signed_part.encode(), "sha256")
            return f"{signed_part}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        case "elliptic":
            return trusted.token(alg="ES256", key=ECKey.generate_key("P-256"), scope="read")
        case "own key":
            key = RSAKey.generate_key(2048)
            claims, named = trusted.claims(scope="read"), {"kid": "first", "jwk": key.as_dict(private=False)}
            return jwt.encode({"alg": "RS256", **named}, claims, key)
        case "changed":
            other = json.dumps(trusted.claims(scope="read", sub="root")).encode()
            return f"{header}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}.{signature}"
        case "truncated":
            return good[:-10]
        case "two parts":
            return f"{header}.{payload}"
    return kind


@pytest.mark.proves("http jwt signatures")
@pytest.mark.parametrize(
    "kind", ["none", "confusion", "elliptic", "own key", "changed", "truncated", "two parts", "text", "a.b.c"]
)
def test_a_token_that_the_issuer_has_not_signed_is_a_401(stack: dict[str, str], trusted: Issuer, kind: str) -> None:
    assert refusal(get(f"{stack['Api']}/token", authorization=forged(trusted, kind))) == UNAUTHORIZED
    missing = get(f"{stack['Api']}/token")
    assert (refusal(missing), missing.headers["www-authenticate"]) == (UNAUTHORIZED, "Bearer")


@pytest.mark.proves("http jwt keys")
def test_keys_are_kept_and_found_by_their_kid(cloud: Any, stack: dict[str, str], trusted: Issuer) -> None:
    assert get(f"{stack['Api']}/token", authorization=trusted.token(scope="read")).status_code == 200
    fetched = len(trusted.fetched)
    assert get(f"{stack['Api']}/token", authorization=trusted.token(scope="read")).status_code == 200
    assert len(trusted.fetched) == fetched
    trusted.keys["second"] = RSAKey.generate_key(2048)
    cloud.tick("6s")
    for alg in ("RS256", "RS384", "RS512"):
        token = trusted.token("second", alg, scope="read")
        assert get(f"{stack['Api']}/token", authorization=token).status_code == 200
    assert len(trusted.fetched) == fetched + 2
    unknown = trusted.token("third", key=trusted.keys["second"], scope="read")
    assert refusal(get(f"{stack['Api']}/token", authorization=unknown)) == UNAUTHORIZED


@pytest.mark.proves("http jwt unreachable")
def test_an_issuer_that_cant_be_reached_is_a_401(stack: dict[str, str], trusted: Issuer) -> None:
    answer = get(f"{stack['Api']}/gone", authorization=trusted.token(iss="http://127.0.0.1:9"))
    assert refusal(answer) == UNAUTHORIZED
    assert "OIDC discovery endpoint communication error" in answer.headers["www-authenticate"]
