"""What is written of each user is found again, by the hash of the id alone."""

import numpy as np
import pytest

from mlops.artifact.history import Pairs
from mlops.artifact.recommender.histories import (
    SHARD_BYTES,
    HistoriesInvalid,
    HistoryIndex,
    WrittenHistories,
    hash_user,
    write_histories,
)
from mlops.contract import Column
from mlops.privacy import hash_value

KEY = b"secret"
ITEMS = 50


def make_pairs(users: int, seed: int = 3, per_user: int = 12) -> Pairs:
    """Users' pairs; every seventh user has none."""
    rng = np.random.default_rng(seed)
    count = users * per_user
    keys = rng.integers(0, users, count) * ITEMS + rng.integers(0, ITEMS, count)
    keys = keys[(keys // ITEMS) % 7 != 3]
    weights = rng.choice(np.array([-1.0, 0.0, 0.5, 3.0]), len(keys))
    return Pairs.reduce(keys, weights, rng.integers(1_600_000_000_000, 1_700_000_000_000, len(keys)))


def find(written: WrittenHistories, user: str, key: bytes = KEY) -> Pairs | None:
    index = HistoryIndex(written.index)
    hashed = hash_user("user", user, key)
    shard = index.shard_of(hashed)
    return index.open(shard, written.shards[slice(*index.place(shard))]).find(hashed)


@pytest.mark.parametrize("users", [1, 2, 40, 3_000])
def test_every_user_is_found_with_exactly_the_own_pairs(users: int) -> None:
    names = [f"user-{number}" for number in range(users)]
    pairs = make_pairs(users)
    written = write_histories(names, pairs, ITEMS, "user", KEY)
    for number, name in enumerate(names):
        mine = pairs.keys // ITEMS == number
        found = find(written, name)
        if not mine.any():
            assert found is None
            continue
        assert found is not None
        assert found.keys.tolist() == (pairs.keys[mine] % ITEMS).tolist()
        assert found.weights.tolist() == pairs.weights[mine].tolist()
        assert found.times.tolist() == pairs.times[mine].tolist()
        assert found.disliked.tolist() == pairs.disliked[mine].tolist()
    assert find(written, "somebody else") is None


def test_a_shard_is_a_small_part_of_many() -> None:
    names = [str(number) for number in range(20_000)]
    written = write_histories(names, make_pairs(20_000, per_user=20), ITEMS, "user", KEY)
    index = HistoryIndex(written.index)
    sizes = np.diff([index.place(shard)[0] for shard in range(2**6)] + [len(written.shards)])
    assert len(sizes) == 64
    assert sizes.max() < SHARD_BYTES


def test_the_same_histories_are_the_same_bytes() -> None:
    names = [str(number) for number in range(40)]
    assert write_histories(names, make_pairs(40), ITEMS, "user", KEY) == write_histories(
        names, make_pairs(40), ITEMS, "user", KEY
    )


def test_no_id_stands_in_the_files() -> None:
    names = [f"jane.doe.{number}@example.org" for number in range(40)]
    written = write_histories(names, make_pairs(40), ITEMS, "user", KEY)
    assert b"jane" not in written.index + written.shards


def test_another_privacy_key_finds_nobody_and_is_noticed() -> None:
    written = write_histories(["a"], make_pairs(1), ITEMS, "user", KEY)
    assert find(written, "a", b"other") is None
    assert HistoryIndex(written.index).has_key(KEY)
    assert not HistoryIndex(written.index).has_key(b"other")
    assert not HistoryIndex(written.index).has_key(b"")


def test_a_user_has_the_hash_that_records_have() -> None:
    column = Column(name="customer", kind="category", privacy="hash")
    assert hash_user("customer", "jane", KEY).hex() == hash_value(column, "jane", KEY)
    assert hash_user("customer", "jane", KEY * 20).hex() == hash_value(column, "jane", KEY * 20)


def test_no_users_at_all_are_written_and_nobody_is_found() -> None:
    empty = Pairs.reduce(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    written = write_histories([], empty, ITEMS, "user", b"")
    assert find(written, "a", b"") is None
    assert HistoryIndex(written.index).users == 0


def test_a_damaged_shard_or_index_is_noticed() -> None:
    written = write_histories(["a"], make_pairs(1), ITEMS, "user", KEY)
    index = HistoryIndex(written.index)
    with pytest.raises(HistoriesInvalid, match="shard 0 isn't what was written"):
        index.open(0, written.shards[:-1] + b"x")
    with pytest.raises(HistoriesInvalid, match="the index can't be read"):
        HistoryIndex(b"{}")
    with pytest.raises(HistoriesInvalid, match="not as many shards"):
        HistoryIndex(written.index.replace(b'"bits":0', b'"bits":2'))
