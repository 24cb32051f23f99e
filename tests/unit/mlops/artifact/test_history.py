"""The rule from events to a history: against its words, one event at a time, and in every order."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlops.artifact.history import LONG_AGO, History, Pairs, history

type Event = tuple[int, float, int]

events = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0]),
        st.integers(0, 6),
    ),
    max_size=30,
)


def arrays(given_events: Sequence[Event]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    columns = list(zip(*given_events, strict=True)) or [(), (), ()]
    return np.array(columns[0], np.int64), np.array(columns[1], np.float64), np.array(columns[2], np.int64)


def by_the_words(given_events: Sequence[Event]) -> tuple[dict[int, float], set[int]]:
    """The rule as its docstring has it: one item after the other, in time's order, the dislike last of a moment."""
    kept: dict[int, float] = {}
    disliked: set[int] = set()
    for item in {event[0] for event in given_events}:
        own = sorted((event for event in given_events if event[0] == item), key=lambda event: (event[2], -event[1]))
        signed = [weight for _, weight, _ in own if weight]
        if signed and signed[-1] < 0:
            disliked.add(item)
        else:
            kept[item] = max(0.0, *(weight for _, weight, _ in own), 0.0)
    return kept, disliked


def as_python(found: History) -> tuple[dict[int, float], set[int]]:
    assert sorted(found.items.tolist()) == found.items.tolist()
    return dict(zip(found.items.tolist(), found.weights.tolist(), strict=True)), set(found.disliked.tolist())


@given(events)
def test_the_history_is_what_the_rule_says(given_events: list[Event]) -> None:
    assert as_python(history(*arrays(given_events))) == by_the_words(given_events)


@given(events, st.randoms(use_true_random=False))
def test_order_and_repetition_of_events_change_nothing(given_events: list[Event], random: object) -> None:
    again = [*given_events, *given_events[: len(given_events) // 2]]
    random.shuffle(again)  # type: ignore[attr-defined]
    assert as_python(history(*arrays(again))) == as_python(history(*arrays(given_events)))


@given(events, st.integers(0, 30))
def test_events_that_come_later_are_merged_as_if_all_had_come_at_once(given_events: list[Event], cut: int) -> None:
    merged = Pairs.reduce(*arrays(given_events[:cut])).merge(*arrays(given_events[cut:]))
    at_once = Pairs.reduce(*arrays(given_events))
    for name in ("keys", "weights", "times", "disliked"):
        assert getattr(merged, name).tolist() == getattr(at_once, name).tolist()


@given(st.lists(st.tuples(st.integers(0, 3), events), max_size=4))
def test_the_pairs_of_all_users_are_those_of_each(given_users: list[tuple[int, list[Event]]]) -> None:
    """The whole of a dataset is reduced at once: a key is user and item."""
    whole = [(user * 5 + item, weight, time) for user, own in given_users for item, weight, time in own]
    pairs = Pairs.reduce(*arrays(whole))
    for user in range(4):
        own = [event for other, given_events in given_users if other == user for event in given_events]
        mine = (pairs.keys >= user * 5) & (pairs.keys < user * 5 + 5)
        of_user = Pairs(pairs.keys[mine] - user * 5, pairs.weights[mine], pairs.times[mine], pairs.disliked[mine])
        assert as_python(History.of(of_user)) == by_the_words(own)


def test_a_dislike_takes_an_item_out_and_a_later_click_brings_it_back_with_its_strongest_weight() -> None:
    bought, disliked, clicked = (7, 3.0, 10), (7, -1.0, 20), (7, 1.0, 30)
    assert as_python(history(*arrays([bought, disliked]))) == ({}, {7})
    assert as_python(history(*arrays([bought, disliked, clicked]))) == ({7: 3.0}, set())


def test_a_dislike_and_a_click_at_the_same_moment_are_a_dislike() -> None:
    assert as_python(history(*arrays([(7, -1.0, 10), (7, 5.0, 10)]))) == ({}, {7})


def test_an_item_that_was_seen_without_a_preference_is_in_the_history_at_weight_0() -> None:
    assert as_python(history(*arrays([(7, 0.0, 10)]))) == ({7: 0.0}, set())


def test_a_dislike_of_the_earliest_time_is_one() -> None:
    assert as_python(history(*arrays([(7, -1.0, int(LONG_AGO))]))) == ({}, {7})
