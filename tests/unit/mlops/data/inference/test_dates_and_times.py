"""Dates, times of day and durations of a first dataset: read, or named with the remedy."""

import io
from collections.abc import Callable
from datetime import time as clock

import pytest

from mlops.data.check import check
from mlops.data.inference.spec_file import write_spec
from mlops.data.read import read_dataset
from mlops.data.read_csv import read_csv
from mlops.data.row_digests import digest_rows
from mlops.errors.data import DatasetRejected
from tests.unit.mlops.data.inference.orders import ROWS, column, of, read_spec, table

OTHER_DATES: dict[str, Callable[[int], str]] = {
    "points": lambda row: f"{row % 28 + 1}.{row % 12 + 1:02}.2026",
    "slashes": lambda row: f"{row % 12 + 1:02}/{row % 28 + 1:02}/2026 08:30",
    "two digits": lambda row: f"{row % 12 + 1}/{row % 28 + 1}/26",
    "year first": lambda row: f"2026/{row % 12 + 1}/{row % 28 + 1}",
    "a month in letters": lambda row: f"{row % 28 + 1} {('Mar', 'April', 'Sept.')[row % 3]} 2026",
    "a month in letters first": lambda row: f'"{("Mar", "April", "Sept.")[row % 3]} {row % 28 + 1}, 2026"',
    "one digit where ISO 8601 has two": lambda row: f"2026-{row % 12 + 1}-{row % 28 + 1}",
    "a zone in letters": lambda row: f"2026-01-{row % 28 + 1:02} 08:30:00 UTC",
    "an hour of one digit": lambda row: f"2026-01-{row % 28 + 1:02} {row % 9}:30",
    "no hyphens": lambda row: f"202601{row % 28 + 1:02}T083000Z",
    "a day of the week": lambda row: f'"Mon, {row % 28 + 1} Jan 2026"',
    "as C writes it": lambda row: f"Mon Jan {row % 28 + 1} 08:30:00 2026",
    "a month in German": lambda row: f"{row % 28 + 1}. {('M\u00e4rz', 'Mai', 'Juni')[row % 3]} 2026",
    "a month in French": lambda row: f"{row % 28 + 1} {('f\u00e9vr.', 'mai', 'juin')[row % 3]} 2026",
    "a month in Spanish": lambda row: f"{row % 28 + 1} de {('enero', 'mayo', 'junio')[row % 3]} de 2026",
    "in Japanese": lambda row: f"2026\u5e74{row % 12 + 1}\u6708{row % 28 + 1}\u65e5",
    "days of weeks": lambda row: f"2026-W{row % 52 + 1:02}-{row % 7 + 1}",
    "an hour without minutes": lambda row: f"2026-01-{row % 28 + 1:02} {row % 24:02}",
    "points and two digits": lambda row: f"{row % 28 + 1:02}.{row % 12 + 1:02}.26",
}


@pytest.mark.parametrize("name", OTHER_DATES)
def test_dates_written_otherwise_are_named_with_the_remedy_and_no_text(name: str) -> None:
    made = of(table({"sent": OTHER_DATES[name]}))
    assert made.ignored == ("sent",)
    assert any("'sent' has dates, such as" in note and "write them like 2026-01-31" in note for note in made.notes)


def test_dates_at_their_midnight_are_dates_in_each_format() -> None:
    plain = table({"sent": lambda row: f"2026-01-{row % 28 + 1:02}"})
    spec = read_spec(of(plain))
    digests = {digest_rows(check(read_csv(plain), spec).rows)}
    for time in (" 00:00:00", "T00:00:00.000Z", "T00:00", " 00:00:00+02:00"):
        content = table({"sent": lambda row, time=time: f"2026-01-{row % 28 + 1:02}{time}"})  # type: ignore[misc]
        assert column(of(content), "sent").kind == "date"
        digests.add(digest_rows(check(read_csv(content), spec).rows))
    assert len(digests) == 1


def test_times_of_day_are_numbers_and_the_draft_says_what_was_assumed() -> None:
    content = table({"at": lambda row: f"{row % 24:02}:{row % 60:02}"})
    made = of(content)
    assert (column(made, "at").kind, column(made, "at").unit) == ("time", "h")
    (note,) = (note for note in made.notes if "'at'" in note)
    assert "in hours since midnight (08:30 is 8.5)" in note
    assert "durations or ratios would have to be written as numbers" in note
    assert 'time("at")' in write_spec(made, "orders.csv")
    read = check(read_csv(content), read_spec(made)).rows["at"]
    assert read.tolist() == pytest.approx([row % 24 + row % 60 / 60 for row in range(ROWS)])
    file = io.BytesIO()
    typed = read_csv(content).to_pandas()
    typed["at"] = [clock.fromisoformat(text) for text in typed["at"]]
    typed.astype({"amount": float}).to_parquet(file)
    again = check(read_dataset(file.getvalue(), "a.parquet"), read_spec(made)).rows
    assert digest_rows(again) == digest_rows(check(read_csv(content), read_spec(made)).rows)


CLOCKS: dict[str, tuple[Callable[[int], str], str]] = {
    "durations": (
        lambda row: f"{row}:{row % 60:02}",
        "has durations or ratios, such as '24:24'; write them as numbers",
    ),
    "hours with a word": (lambda row: f"{row % 12 + 8}.{row % 60:02} Uhr", "such as '8.00 Uhr'; write them like 08:30"),
    "AM and PM": (
        lambda row: f"{row % 12 + 1}:30 {('AM', 'p.m.')[row % 2]}",
        "such as '1:30 AM'; write them like 08:30",
    ),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_what_looks_like_times_of_day_and_is_not_read_is_named_with_the_remedy(name: str) -> None:
    make, words = CLOCKS[name]
    made = of(table({"at": make}))
    assert made.ignored == ("at",)
    assert any(note.startswith("'at' has ") and words in note for note in made.notes)


DURATIONS: dict[str, Callable[[int], str]] = {
    "hours and minutes": lambda row: f"{row % 5}h {row % 60}m",
    "hours and minutes in one": lambda row: f"{row % 5}h{row % 60:02}",
    "in words": lambda row: f"{row % 5} hours and {row % 60} minutes",
    "in several units": lambda row: f"{row % 60} min" if row % 3 else f"{row % 5} h",
    "ISO 8601": lambda row: f"P{row % 4}DT{row % 24}H",
    "ISO 8601, times alone": lambda row: f"PT{row % 90}M",
    "days and a clock": lambda row: f"{row % 9} days {row % 24:02}:{row % 60:02}:00",
    "with a sign": lambda row: f"-{row % 9}:{row % 60:02}",
    "with fractions of a second": lambda row: f"{row % 9 + 20}:{row % 60:02}.{row % 7}",
}


@pytest.mark.parametrize("name", DURATIONS)
def test_durations_are_named_with_the_remedy_and_no_category_or_key(name: str) -> None:
    content = table({"took": DURATIONS[name]})
    made = of(content)
    assert (made.ignored, made.key) == (("took",), ())
    assert any(note.startswith("'took' has durations") and "write them as numbers" in note for note in made.notes)
    with pytest.raises(DatasetRejected, match="took has durations"):
        of(content, "took")


@pytest.mark.parametrize("cells", [("36 months", "60 months"), ("PT5M", "PT10M"), ("1 year", "2 years", "10 years")])
def test_a_few_different_durations_are_categories(cells: tuple[str, ...]) -> None:
    made = of(table({"term": lambda row: cells[row % len(cells)]}))
    assert column(made, "term").categories == tuple(sorted(cells))
