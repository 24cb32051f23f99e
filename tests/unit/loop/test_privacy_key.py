"""The local stack's PrivacyKey is made once, whole, and readable by its owner alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from loop.privacy_key import FILE, read_privacy_key

AT_ONCE = 8


def test_every_start_has_the_same_key(tmp_path: Path) -> None:
    state = tmp_path / "state"
    key = read_privacy_key(state)
    assert len(key) >= 32
    assert read_privacy_key(state) == key
    assert [file.name for file in state.iterdir()] == [FILE]


def test_starts_at_once_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        keys = {*pool.map(lambda _: read_privacy_key(tmp_path), range(AT_ONCE))}
    assert len(keys) == 1


def test_another_checkout_has_another_key(tmp_path: Path) -> None:
    assert read_privacy_key(tmp_path / "a") != read_privacy_key(tmp_path / "b")


def test_nobody_else_on_the_machine_reads_it(tmp_path: Path) -> None:
    read_privacy_key(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
