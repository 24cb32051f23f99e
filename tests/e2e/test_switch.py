"""New versions while the API is under load."""

import threading
from collections import Counter
from typing import Any

from tests.e2e.conftest import Loop

CLIENTS = 4
# Some eighty requests a second, and processor time left for the training beside them.
PAUSE_SECONDS = 0.05
AFTER_THE_SWITCH = 40
# Longer than the time between two looks of an instance at the alias.
FOLLOW_SECONDS = 5


def without_rows(dataset: bytes, rows: slice) -> bytes:
    """The dataset with some of its data rows left out."""
    header, *lines = dataset.splitlines(keepends=True)
    del lines[rows]
    return b"".join([header, *lines])


def settle(seen: Counter[tuple[int, int]], version: int, stop: threading.Event) -> None:
    """Wait until every warm instance follows the champion: an idle one answers once with what it knew before."""
    while True:
        seen.clear()
        stop.wait(FOLLOW_SECONDS)
        assert {status for status, _ in seen} == {200}
        if set(seen) == {(200, version)}:
            return


def test_every_request_during_a_switch_is_answered_by_the_old_or_the_new_version(
    loop: Loop, dataset: bytes, row: dict[str, Any]
) -> None:
    old = loop.champion()
    seen: Counter[tuple[int, int]] = Counter()
    faults: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        with loop.started.connect() as client:
            while not stop.is_set():
                answer = client.post("/predict", json={"rows": [row]})
                if answer.status_code != 200:
                    faults.append(f"{answer.status_code} {answer.text}")
                seen[answer.status_code, answer.json().get("version", 0)] += 1
                stop.wait(PAUSE_SECONDS)

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        settle(seen, old, stop)
        report = loop.put("under-load.csv", without_rows(dataset, slice(0, 7)))
        assert report["outcome"] == "promoted", report
        new = report["version"]
        while seen[200, new] < AFTER_THE_SWITCH and not faults:
            assert loop.started.process.poll() is None
            stop.wait(0.05)
    finally:
        stop.set()
        for client in clients:
            client.join()

    assert not faults, faults[:3]
    assert new > old
    assert {old, new} <= {version for _, version in seen}
    # An instance that slept since an earlier switch answers once by what it knew, while it looks.
    slept = {version: count for (_, version), count in seen.items() if version not in (old, new)}
    assert all(version < new for version in slept)
    assert sum(slept.values()) <= CLIENTS
    assert loop.champion() == new
