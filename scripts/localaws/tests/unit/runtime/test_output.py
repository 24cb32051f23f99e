from localaws.runtime.output import LogLine, OutputParser


def frame(message: str, microseconds: int) -> bytes:
    content = message.encode()
    return (0xA55A0003).to_bytes(4, "big") + len(content).to_bytes(4, "big") + microseconds.to_bytes(8, "big") + content


def test_each_line_is_an_event() -> None:
    assert OutputParser().feed(b"one\ntwo\r\n\nthree\n", 5) == [LogLine(5, text) for text in ("one", "two", "three")]


def test_a_frame_is_one_event_with_its_own_time() -> None:
    parser = OutputParser()
    assert parser.feed(frame("one\ntwo\n", 7_000_500), 9) == [LogLine(7000, "one\ntwo")]


def test_output_may_come_in_pieces_of_any_size() -> None:
    whole = b"plain \xc3\xa9\n" + frame("framed\nevent", 3_000) + b"half" + frame("next", 4_000) + b"last\n"
    expected = ["plain é", "framed\nevent", "half", "next", "last"]
    for size in (1, 2, 3, 7, 16, 1000):
        parser = OutputParser()
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        events = [event for piece in pieces for event in parser.feed(piece, 10)]
        assert [event.message for event in events] == expected, size


def test_an_unfinished_line_waits_for_its_end_or_the_end_of_the_call() -> None:
    parser = OutputParser()
    assert parser.feed(b"no new", 1) == []
    assert parser.feed(b"line", 2) == []
    assert parser.flush(3) == [LogLine(3, "no newline")]
    assert parser.flush(4) == []


def test_timestamps_never_decrease() -> None:
    parser = OutputParser()
    events = parser.feed(b"late\n" + frame("early", 1_000), 500)
    assert [event.timestamp for event in [*events, parser.stamp("platform", 400)]] == [500, 500, 500]


def test_bytes_that_are_not_text_are_escaped() -> None:
    assert OutputParser().feed(b"\xff\xfe ok\n", 1)[0].message == "\ufffd\ufffd ok"
