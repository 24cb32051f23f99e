"""API keys."""

from mlops.authorization.keys import PREFIX, digest, is_well_formed, new_key


def test_keys_are_random_and_well_formed() -> None:
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(is_well_formed(key) and key.startswith(PREFIX) for key in keys)
    # 32 digits of 5 bits each, of which none is the same in all keys.
    assert all(len({key[len(PREFIX) + place] for key in keys}) == 32 for place in range(32))


def test_what_is_stored_does_not_contain_the_key() -> None:
    key = new_key()
    assert len(digest(key)) == 64
    assert key not in digest(key)
    assert digest(key) == digest(key) != digest(new_key())


def test_every_truncated_or_changed_key_is_malformed() -> None:
    key = new_key()
    assert not any(is_well_formed(key[:length]) for length in range(len(key)))
    for place in range(len(PREFIX), len(key)):
        other = "b" if key[place] == "a" else "a"
        assert not is_well_formed(key[:place] + other + key[place + 1 :])
    for changed in (key.upper(), f" {key}", f"{key}\n", f"{key}a", key.removeprefix(PREFIX), key.replace("_", "-")):
        assert not is_well_formed(changed)
