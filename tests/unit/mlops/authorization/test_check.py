"""The decision about a request's key."""

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from mlops.authorization.check import KEPT, Checker, given_key
from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.keys import digest, new_key
from mlops.authorization.needs import Need
from mlops.errors.authorization import NotAuthenticated, NotPermitted

PREDICT = Need("predict", "churn")


@dataclass
class World:
    """A table of keys, and two clocks that stand still."""

    grants: dict[str, Grant] = field(default_factory=dict)
    now: float = 1_000_000.0
    read: list[str] = field(default_factory=list)
    touched: list[tuple[str, int]] = field(default_factory=list)

    def checker(self) -> Checker:
        return Checker(
            self.find,
            lambda grant, now: self.touched.append((grant.name, now)),
            now=lambda: self.now,
        )

    def find(self, wanted: str) -> Grant | None:
        self.read.append(wanted)
        return self.grants.get(wanted)

    def add(self, *scopes: str, models: tuple[str, ...] = (), expires: int | None = None) -> str:
        key = new_key()
        name = f"key {len(self.grants)}"
        self.grants[digest(key)] = Grant(digest(key), name, frozenset(scopes), 1, frozenset(models), expires)
        return key


@pytest.fixture
def world() -> World:
    return World()


def test_a_key_allows_what_its_scopes_and_models_are(world: World) -> None:
    checker, key = world.checker(), world.add("predict", models=("churn",))
    assert checker.check(key, PREDICT).name == "key 0"
    for need in (Need("read", "churn"), Need("predict", "other"), Need("predict", None)):
        with pytest.raises(NotPermitted):
            checker.check(key, need)
    everything = world.add(*SCOPES)
    for scope in SCOPES:
        assert checker.check(everything, Need(scope, None))


def test_a_revoked_key_is_refused_within_the_time_that_a_grant_is_believed(world: World) -> None:
    checker, key = world.checker(), world.add("predict")
    checker.check(key, PREDICT)
    world.grants[digest(key)] = replace(world.grants[digest(key)], revoked=1)
    checker.check(key, PREDICT)
    world.now += KEPT
    with pytest.raises(NotAuthenticated):
        checker.check(key, PREDICT)
    assert KEPT <= 60


def test_a_clock_that_was_set_back_makes_no_grant_last_longer(world: World) -> None:
    checker, key = world.checker(), world.add("predict")
    checker.check(key, PREDICT)
    world.now -= 1
    world.grants[digest(key)] = replace(world.grants[digest(key)], revoked=1)
    with pytest.raises(NotAuthenticated):
        checker.check(key, PREDICT)


def test_a_key_expires_also_while_it_is_believed(world: World) -> None:
    checker, key = world.checker(), world.add("predict", expires=1_000_005)
    checker.check(key, PREDICT)
    world.now += 5
    with pytest.raises(NotAuthenticated):
        checker.check(key, PREDICT)


def test_a_new_key_is_taken_at_once_though_it_was_refused_before(world: World) -> None:
    checker, key = world.checker(), world.add("predict")
    grant = world.grants.pop(digest(key))
    with pytest.raises(NotAuthenticated):
        checker.check(key, PREDICT)
    world.grants[digest(key)] = grant
    assert checker.check(key, PREDICT) == grant


def test_the_table_is_read_once_for_many_requests_and_not_for_malformed_keys(world: World) -> None:
    checker, key = world.checker(), world.add("predict")
    for _ in range(100):
        checker.check(key, PREDICT)
    assert len(world.read) == 1
    for wrong in (None, "", "mlops_", key[:-1], "Bearer"):
        with pytest.raises(NotAuthenticated):
            checker.check(wrong, PREDICT)
    assert len(world.read) == 1


def test_only_a_check_that_reads_is_said_to(world: World) -> None:
    checker, key = world.checker(), world.add("predict")
    assert checker.reads(key)
    checker.check(key, PREDICT)
    assert not checker.reads(key)
    world.now += KEPT
    assert checker.reads(key)
    assert not any(checker.reads(wrong) for wrong in (None, "", "mlops_", key[:-1], "Bearer"))


def test_the_last_use_is_written_once_an_hour(world: World) -> None:
    checker, key = world.checker(), world.add("predict")
    for _ in range(5):
        checker.check(key, PREDICT)
        world.now += KEPT
        used = world.touched[-1][1]
        world.grants[digest(key)] = replace(world.grants[digest(key)], last_used=used)
    assert len(world.touched) == 1
    world.now += 3600
    checker.check(key, PREDICT)
    assert len(world.touched) == 2


def forgeries(world: World, draw: random.Random) -> list[Callable[[], str]]:
    """Makers of keys and headers that no request may pass with."""
    good = world.add(*SCOPES)
    expired = world.add(*SCOPES, expires=int(world.now) - 1)
    revoked = world.add(*SCOPES)
    world.grants[digest(revoked)] = replace(world.grants[digest(revoked)], revoked=int(world.now) - 1)

    def changed() -> str:
        place = draw.randrange(len(good))
        return good[:place] + draw.choice("abcdefgh234567_X".replace(good[place], "")) + good[place + 1 :]

    def unsigned() -> str:
        parts = (b'{"alg":"none"}', b'{"scope":"predict","sub":"root"}')
        return f"{'.'.join(base64.urlsafe_b64encode(part).decode().rstrip('=') for part in parts)}."

    return [
        new_key,
        changed,
        lambda: good[: draw.randrange(len(good))],
        lambda: good + draw.choice("abc \n\x00"),
        lambda: expired,
        lambda: revoked,
        lambda: digest(good),
        lambda: good.upper(),
        unsigned,
        lambda: "".join(chr(draw.randrange(1, 0x2FF)) for _ in range(draw.randrange(80))),
    ]


def test_none_of_ten_thousand_forged_keys_is_let_in(world: World) -> None:
    draw = random.Random(17)
    makers, checker = forgeries(world, draw), world.checker()
    let_in = 0
    for turn in range(10_000):
        key = makers[turn % len(makers)]()
        try:
            checker.check(key, PREDICT)
            let_in += 1
        except NotAuthenticated as error:
            assert not key or len(key) < 30 or key not in str(error)
    assert let_in == 0


def test_a_key_is_found_in_each_form_of_the_header() -> None:
    key = new_key()
    basic = base64.b64encode(f"me:{key}".encode()).decode()
    assert given_key(f"Bearer {key}") == given_key(f"bearer  {key} ") == key
    assert given_key(f"Basic {basic}") == key
    assert given_key(None) is None
    for header in ("Digest x", "Basic !", "Basic /w==", "Bearer", "", key):
        assert given_key(header) == ""


def test_a_grant_survives_its_item() -> None:
    whole = Grant("d", "n", frozenset(("predict", "read")), 1, frozenset(("m",)), 2, 3, 4)
    bare = Grant("d", "n", frozenset(("predict",)), 1)
    assert Grant.of_item(whole.item()) == whole
    assert Grant.of_item(bare.item()) == bare
    assert "models" not in bare.item()
