"""MovieLens 100K: 100,000 ratings of 1,682 films by 943 people, from the wheel that ships it.

The data are GroupLens Research's, who allow research and no redistribution: they are fetched when somebody asks for
them, and are kept nowhere in the repository.
"""

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import uv

from examples.table import write_table

WHEEL = "recbole==1.2.1"
TERMS = (
    "MovieLens 100K is GroupLens Research's, University of Minnesota: it may be used for research, not for any "
    "commercial purpose without their permission, and it may not be redistributed. Cite F. M. Harper and J. A. "
    "Konstan, 'The MovieLens datasets: history and context', ACM TiiS 5 (2015)."
)
_FOLDER = Path("recbole") / "dataset_example" / "ml-100k"


class FetchFailed(Exception):
    """The wheel couldn't be fetched."""


def fetch_wheel(folder: Path) -> None:
    """Unpack the wheel into a folder, by the package index that this machine uses. Raises FetchFailed."""
    arguments = ["pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", str(folder), WHEEL]
    done = subprocess.run([uv.find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise FetchFailed(f"{WHEEL} can't be fetched: {done.stderr.strip().rpartition('\n')[2]}")


def write_movielens(folder: Path, fetch: Callable[[Path], None] = fetch_wheel) -> Path:
    """Write movielens.csv, the ratings, and items.csv, the films, into a folder; returns the former."""
    with TemporaryDirectory() as fetched:
        fetch(Path(fetched))
        source = Path(fetched) / _FOLDER
        films = ((film, title, " ".join(genres.split())) for film, title, _, genres in _read(source / "ml-100k.item"))
        write_table(folder / "items.csv", ("item", "title", "category"), films)
        # In the order of time, as a log is.
        ratings = sorted(_read(source / "ml-100k.inter"), key=lambda row: (int(row[3]), int(row[0]), int(row[1])))
        rows = ((user, film, time, rating) for user, film, rating, time in ratings)
        return write_table(folder / "movielens.csv", ("user", "item", "time", "rating"), rows)


def _read(file: Path) -> Iterator[list[str]]:
    """The rows of one of RecBole's files, which are separated by tabs."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        yield from rows
