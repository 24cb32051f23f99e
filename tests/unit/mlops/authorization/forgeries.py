"""Keys and tokens that nobody may be let in with, of every kind that is known."""

import base64
import hmac
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from mlops.authorization.grants import SCOPES
from mlops.authorization.keys import digest, new_key

ISSUER, AUDIENCE, KID = "https://issuer.example/pool", "mlops", "first"

type Maker = Callable[[], str]


class Issuer:
    """Signs tokens, at a time; `document` is what it publishes of its keys."""

    def __init__(self, now: Callable[[], float], url: str = ISSUER) -> None:
        self.now, self.url = now, url
        self.key, self.curve = RSAKey.generate_key(2048), ECKey.generate_key("P-256")

    @property
    def document(self) -> bytes:
        keys: dict[str, Any] = {KID: self.key, "curve": self.curve}
        public = [{**key.as_dict(private=False), "kid": kid, "use": "sig"} for kid, key in keys.items()]
        return json.dumps({"keys": public}).encode()

    def claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of a valid token of all scopes, with changes; None takes one away."""
        now = int(self.now())
        valid = {"iss": self.url, "aud": AUDIENCE, "sub": "ann", "iat": now - 60, "exp": now + 3600}
        merged = valid | {"scope": " ".join(SCOPES)} | changed
        return {name: value for name, value in merged.items() if value is not None}

    def token(self, **changed: Any) -> str:
        """A token by the issuer's own key."""
        return sign(self.key, self.claims(**changed))


def sign(key: Any, claims: Mapping[str, Any], alg: str = "RS256", **header: Any) -> str:
    """A token by any key."""
    return jwt.encode({"alg": alg, "kid": KID} | header, dict(claims), key, algorithms=[alg])


def encode(part: Any) -> str:
    """A part of a token."""
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def forged_tokens(issuer: Issuer, draw: random.Random) -> dict[str, Maker]:
    """Kind → a maker of tokens of it."""
    own, thief = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
    public_pem = issuer.key.as_pem(private=False)
    secrets = [public_pem, public_pem.strip(), issuer.document, b""]
    header, payload, signature = issuer.token().split(".")
    now = int(issuer.now())
    stale = issuer.token(exp=now - 11)
    elsewhere = [issuer.token(aud=aud) for aud in ("other", ["a", "b"], [], "", [AUDIENCE.upper()], f"{AUDIENCE} ")]
    without = [issuer.token(**{name: None}) for name in ("iss", "aud", "sub", "exp")]
    early = [issuer.token(nbf=now + 600), issuer.token(iat=now + 600)]
    others = [issuer.token(iss=iss) for iss in (f"{ISSUER}/", "https://evil.example", "", f"{ISSUER}#")]
    typed = [issuer.token(sub=7), issuer.token(exp="never"), issuer.token(exp=[]), issuer.token(aud={AUDIENCE: 1})]
    unnamed = sign(issuer.key, issuer.claims(), kid="second")
    by_thief = [sign(thief, issuer.claims()), sign(own, issuer.claims(), "ES256", kid="curve")]
    embedded = sign(thief, issuer.claims(), jwk=thief.as_dict(private=False))
    critical = {"alg": "RS256", "kid": KID, "crit": ["b64"], "b64": False}
    linked = sign(thief, issuer.claims(), jku="https://evil.example/jwks", x5u="https://evil.example/x5u")

    def changed_claims() -> str:
        claims = issuer.claims(sub=f"root{draw.randrange(10**6)}", exp=now + draw.randrange(1, 10**6))
        return f"{header}.{encode(claims)}.{signature}"

    def flipped() -> str:
        raw = bytearray(base64.urlsafe_b64decode(f"{signature}=="))
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        return f"{header}.{payload}.{encode(bytes(raw))}"

    def unsigned() -> str:
        alg = draw.choice(["none", "None", "NONE", "nOnE", "", None, "RS256 ", "rs256"])
        tail = draw.choice(["", signature, "AA"])
        return f"{encode({'alg': alg, 'kid': KID})}.{encode(issuer.claims())}.{tail}"

    def confused() -> str:
        size = draw.choice(["256", "384", "512"])
        signed = f"{encode({'alg': f'HS{size}', 'kid': KID})}.{encode(issuer.claims(sub=f'{draw.random()}'))}"
        return f"{signed}.{encode(hmac.digest(draw.choice(secrets), signed.encode(), f'sha{size}'))}"

    def psychic() -> str:
        claims = issuer.claims(sub=f"{draw.random()}")
        return f"{encode({'alg': 'ES256', 'kid': 'curve'})}.{encode(claims)}.{encode(bytes(64))}"

    def mismatched() -> str:
        alg = draw.choice(["ES256", "PS256", "RS512", "ES384", "EdDSA", "dir", "A256GCM"])
        return f"{encode({'alg': alg, 'kid': draw.choice([KID, 'curve'])})}.{payload}.{signature}"

    def malformed() -> str:
        contents = [b"null", b"[]", b'"x"', b"{", b"{}", b'{"alg": []}', b'{"alg": "RS256", "kid": 1}', b"\xff"]
        return f"{draw.choice([*map(encode, contents), 'ey!!', 'ey', ''])}.{payload}.{signature}"

    return {
        "unsigned": unsigned,
        "key confusion": confused,
        "truncated": lambda: f"{header}.{payload}.{signature}"[: draw.randrange(1, len(header) + len(payload) + 300)],
        "of changed claims": changed_claims,
        "with a flipped bit": flipped,
        "by another key": lambda: draw.choice(by_thief),
        "with its own key in it": lambda: embedded,
        "with a link to its key": lambda: linked,
        "of an unknown key": lambda: unnamed,
        "expired, and replayed": lambda: stale,
        "not yet valid": lambda: draw.choice(early),
        "for another audience": lambda: draw.choice(elsewhere),
        "of another issuer": lambda: draw.choice(others),
        "without a claim": lambda: draw.choice(without),
        "with claims of other types": lambda: draw.choice(typed),
        "of zeros": psychic,
        "of another algorithm": mismatched,
        "malformed": malformed,
        "with a part too many": lambda: f"{header}.{payload}.{signature}.{draw.choice(['', 'AA', signature])}",
        "critical": lambda: f"{encode(critical)}.{payload}.{signature}",
        "nested": lambda: f"{encode(b'{"alg":' + b'[' * 5000 + b']' * 5000 + b'}')[:8000]}.{payload}.{signature}",
        "of great length": lambda: f"{header}.{payload}{'A' * draw.randrange(8_192, 60_000)}.{signature}",
    }


def forged_keys(good: str, unusable: Mapping[str, str], draw: random.Random) -> dict[str, Maker]:
    """Kind → a maker of keys of it; `unusable` are keys that are known and must not be taken, by kind."""

    def changed() -> str:
        place = draw.randrange(len(good))
        return good[:place] + draw.choice("abcdefgh234567_X".replace(good[place], "")) + good[place + 1 :]

    return {
        "invented": new_key,
        "changed": changed,
        "truncated": lambda: good[: draw.randrange(len(good))],
        "lengthened": lambda: good + draw.choice("abc \n\x00"),
        "a digest": lambda: digest(good),
        "in capitals": good.upper,
        "half a character": lambda: good[:-1] + "\ud800",
        "noise": lambda: "".join(chr(draw.randrange(1, 0x2FF)) for _ in range(draw.randrange(80))),
        **{kind: (lambda key=key: key) for kind, key in unusable.items()},  # type: ignore[misc]
    }
