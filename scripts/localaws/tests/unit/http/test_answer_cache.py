"""The answers of authorizers, by caller."""

from localaws.http.authorization.answers import AnswerCache


def test_answers_of_callers_who_never_come_again_are_forgotten() -> None:
    now = [0.0]
    cache = AnswerCache[str](lambda: now[0])
    cache.put(("kept",), "yes", seconds=1e9)
    for number in range(100_000):
        now[0] += 1
        cache.put(("token", number), "yes", seconds=300)
    assert len(cache._answers) <= 2000
    assert cache.get(("kept",)) == "yes"
    assert cache.get(("token", 99_999)) == "yes"
    assert cache.get(("token", 0)) is None
