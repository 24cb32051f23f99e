"""The messages of a queue by their state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from moto.sqs.models import Message

from localaws.sqs.store import MessageStore


class Queue:
    """A store whose time is set by hand, in seconds."""

    def __init__(self, fifo: bool = False) -> None:
        self.seconds = 1000.0
        self.store = MessageStore("q", fifo, lambda: self.seconds * 1000)

    def send(self, body: str, group: str | None = None, delay: float = 0) -> Any:
        message: Any = Message(f"id-{body}", body)
        message.group_id = group
        message.delayed_until = (self.seconds + delay) * 1000 if delay else 0.0
        self.store.append(message)
        return message

    def receive(
        self, count: int = 10, timeout: float = 30, accepts: Callable[[Any], bool] = lambda _: True
    ) -> list[str]:
        return [message.body for message in self.store.receive(count, timeout, accepts)]

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.store.ready, self.store.delayed, self.store.in_flight


def test_messages_come_in_order_and_are_hidden_until_their_timeout_ends() -> None:
    queue = Queue()
    for body in "abc":
        queue.send(body)
    assert queue.receive(2) == ["a", "b"]
    assert queue.counts == (1, 0, 2)
    queue.seconds += 29.9
    assert queue.receive() == ["c"]
    queue.seconds += 0.1
    assert queue.counts == (2, 0, 1)
    assert queue.receive() == ["a", "b"]


def test_a_delayed_message_comes_later_but_in_the_place_in_which_it_was_sent() -> None:
    queue = Queue()
    queue.send("late", delay=5)
    queue.send("now")
    assert queue.counts == (1, 1, 0)
    queue.seconds += 5
    assert queue.receive() == ["late", "now"]


def test_a_receive_counts_and_gives_a_new_handle_each_time() -> None:
    queue = Queue()
    message = queue.send("a")
    handles = set()
    for _ in range(3):
        assert queue.receive(timeout=1) == ["a"]
        handles.add(message.receipt_handle)
        queue.seconds += 1
    assert (len(handles), message.approximate_receive_count) == (3, 3)
    assert message.approximate_first_receive_timestamp == 1_000_000
    assert {queue.store.identifier(handle) for handle in handles} == {"id-a"}
    assert queue.store.identifier("nonsense") is None
    assert MessageStore("other", False, lambda: 0.0).identifier(handles.pop()) is None


def test_a_changed_timeout_counts_from_now_and_zero_makes_a_message_visible() -> None:
    queue = Queue()
    message = queue.send("a")
    queue.receive(timeout=10)
    assert queue.store.hide(message, 60)
    queue.seconds += 59
    assert queue.receive() == []
    assert queue.store.hide(message, 0)
    assert queue.receive(timeout=0) == ["a"]
    assert queue.receive() == ["a"]
    queue.seconds += 30
    assert not queue.store.hide(message, 5)


def test_a_removed_message_is_gone_in_every_state() -> None:
    queue = Queue()
    messages = [queue.send("ready"), queue.send("delayed", delay=9)]
    flying = queue.send("flying")
    queue.receive(accepts=lambda message: message is flying)
    for message in (*messages, flying):
        queue.store.remove(message)
        queue.store.remove(message)
    queue.seconds += 100
    assert (queue.counts, len(queue.store), queue.receive()) == ((0, 0, 0), 0, [])


def test_a_message_that_is_not_accepted_is_removed_and_the_next_one_taken() -> None:
    queue = Queue()
    for body in "abcd":
        queue.send(body)
    assert queue.receive(2, accepts=lambda message: message.body in "bd") == ["b", "d"]
    assert queue.counts == (0, 0, 2)


def test_a_group_of_a_fifo_queue_waits_for_its_message_in_flight() -> None:
    queue = Queue(fifo=True)
    for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("a3", "a"), ("c1", "c")):
        queue.send(body, group)
    assert queue.receive(2) == ["a1", "b1"]
    assert queue.receive() == ["c1"]
    queue.store.remove(queue.store.get("id-a1"))
    assert queue.receive(1) == ["a2"]
    assert queue.receive() == []
    # It failed: it comes again before the one after it.
    queue.store.hide(queue.store.get("id-a2"), 0)
    assert queue.receive(1) == ["a2"]
    queue.seconds += 30
    assert queue.receive() == ["b1", "a2", "a3", "c1"]


@pytest.mark.parametrize("fifo", [False, True])
def test_many_messages_are_each_received_once(fifo: bool) -> None:
    queue = Queue(fifo)
    for number in range(5000):
        queue.send(str(number), group=f"g{number % 500}")
    seen: list[str] = []
    while found := queue.store.receive(10, 30, lambda _: True):
        seen += [message.body for message in found]
        for message in found:
            queue.store.remove(message)
    assert sorted(map(int, seen)) == list(range(5000))
    assert len(queue.store) == 0
