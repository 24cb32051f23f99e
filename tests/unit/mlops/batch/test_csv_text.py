"""Chunks of a CSV's lines are its rows, each once and with its number, wherever the file is cut."""

import csv
import gzip
import io
from random import Random

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.batch import csv_text, objects
from mlops.batch.csv_text import cut_lines, find_columns, open_lines, read_pieces
from mlops.batch.objects import PinnedObject

HEADER = ["a", "b"]


def put(content: bytes, name: str = "rows.csv") -> PinnedObject:
    store = MemoryStore()
    obstore.put(store, name, content)
    found = obstore.head(store, name)
    tag = found["e_tag"]
    assert tag
    return PinnedObject(store, name, f"s3://data/{name}", found["size"], tag)


def read(content: PinnedObject, most: int, block: int) -> tuple[list[int], list[tuple[str, str]], int]:
    """Numbers and cells of all chunks' rows, and how many chunks there are; so many bytes are read at once."""
    columns, start = find_columns(content)
    assert columns == HEADER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "BLOCK", block)
        patch.setattr(objects, "BLOCK", block)
        return read_chunks(content, columns, start, most)


def read_chunks(
    content: PinnedObject, columns: list[str], start: int, most: int
) -> tuple[list[int], list[tuple[str, str]], int]:
    numbers: list[int] = []
    cells: list[tuple[str, str]] = []
    chunks = cut_lines(content, start, most)
    for chunk in chunks:
        with open_lines(content, chunk.start, chunk.end) as lines:
            before = len(numbers)
            for piece in read_pieces(lines, columns, columns, chunk.first):
                numbers += piece.numbers.tolist()
                cells += [(row["a"], row["b"]) for row in piece.table.to_pylist()]
            assert chunk.rows in {None, len(numbers) - before}
    return numbers, cells, len(chunks)


def expected(content: bytes) -> list[tuple[str, str]]:
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) if row]
    return [(row[0].strip(), row[1].strip()) for row in rows[1:]]


def write(draw: Random, rows: int, *, quotes: bool) -> bytes:
    """A file with blank lines, line ends of both kinds, a byte order mark or none, and with a last line end or none."""
    end = draw.choice(["\n", "\r\n"])
    lines = [draw.choice(["a,b", "a,b", '"a",b'])]
    for number in range(rows):
        lines += [""] * draw.choice([0, 0, 0, 1, 2])
        text = draw.choice(["", "x", "1.5", "ü"])
        lines.append(f'"{text}{end}""{number}",{number}' if quotes and draw.random() < 0.2 else f"{text},{number}")
    return draw.choice([b"", b"\xef\xbb\xbf"]) + (end.join(lines) + draw.choice(["", end, end * 2])).encode()


@pytest.mark.parametrize("quotes", [False, True])
@pytest.mark.parametrize("block", [7, 64, 1 << 16])
def test_every_row_is_in_one_chunk_with_its_number(block: int, quotes: bool) -> None:
    draw = Random(block)
    cut = 0
    for _ in range(60):
        content = write(draw, draw.randrange(0, 40), quotes=quotes)
        wanted = expected(content)
        numbers, cells, chunks = read(put(content), draw.choice([1, 3, 10]), block)
        assert cells == wanted, content
        assert numbers == list(range(len(wanted)))
        cut += chunks > 1
    assert cut > 5 or quotes


def test_a_file_without_quotes_is_cut_and_one_with_quotes_isnt() -> None:
    plain = b"a,b\n" + b"1,2\n" * 10
    assert [(each.first, each.rows) for each in cut_lines(put(plain), 4, 4)] == [(0, 4), (4, 4), (8, 2)]
    quoted = plain + b'"x\ny",2\n'
    (whole,) = cut_lines(put(quoted), 4, 4)
    assert (whole.start, whole.end, whole.rows) == (4, len(quoted), None)
    (whole,) = cut_lines(put(b"a,b\n1,2\r3,4\n"), 4, 1)
    assert whole.rows is None


def test_a_gzipped_file_is_read_to_its_end() -> None:
    content = put(gzip.compress(b"a,b\n1,2\n3,4\n") + gzip.compress(b"5,6\n"), "rows.csv.gz")
    columns, start = find_columns(content)
    with open_lines(content) as lines:
        assert lines.read(start) == b"a,b\n"
        (piece,) = read_pieces(lines, columns, ["b"], 0)
    assert piece.table.to_pydict() == {"b": ["2", "4", "6"]}


def test_lines_that_break_are_problems_of_their_own() -> None:
    content = b"1,2\n3\n\xff,4\n5,6\n"
    (piece,) = read_pieces(io.BytesIO(content), HEADER, HEADER, 10)
    assert piece.numbers.tolist() == [10, 13]
    assert piece.problems == [
        (11, "shape", "it has 1 cells where the header has 2"),
        (12, "encoding", "it isn't UTF-8"),
    ]
