"""The pages of docs/ name files, tests and lines that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
FOLDERS = ("docs", "functions", "layers", "scripts", "tests")
EXAMPLES = {"functions/models/churn.py"}


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page: str) -> None:
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w/.-]*)(?:::\w+)?`", PAGES[page])
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", PAGES[page])
    missing = [path for path in named if path not in EXAMPLES and not (ROOT / path).exists()]
    missing += [path for path in linked if not (ROOT / "docs" / path).exists()]
    assert missing == []


def test_the_architecture_answers_a_dozen_lookups_or_more_and_names_the_file_of_each_step() -> None:
    page = PAGES["architecture.md"]
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE))
    rows = {
        title: re.findall(r"^\| (?!---|step \||what \|)(.+?) \| (.+) \|$", text, re.M)
        for title, text in sections.items()
    }
    assert len(rows["Where is …"]) >= 12
    assert len(rows["The answer to `POST /predict`"]) == 9
    assert len(rows["From a CSV to the champion"]) == 13
    assert all("`" in place for found in rows.values() for _, place in found)


def test_the_page_lists_exactly_the_28_tests_of_the_ml_test_score_that_exist() -> None:
    listed = re.findall(
        r"`(tests/[\w/]+\.py)::(test_(?:data|model|infrastructure|monitoring)_\d_\w+)`", PAGES["model-factory.md"]
    )
    sections = ("data", "model", "infrastructure", "monitoring")
    assert [re.findall(r"test_(\w+?)_(\d)_", name)[0] for _, name in listed] == [
        (section, str(number)) for section in sections for number in range(1, 8)
    ]
    files = (ROOT / "tests").rglob("test_ml_test_score.py")
    found = {
        (file.relative_to(ROOT).as_posix(), name)
        for file in files
        for name in re.findall(r"^def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set(listed) == found
    assert len(listed) == 28


def test_the_modules_that_the_model_factorys_page_names_exist() -> None:
    named = re.findall(r"`((?:training|data|mlops)/[\w/.]*)`", PAGES["model-factory.md"])
    assert len(named) >= 4
    for name in named:
        place = ROOT / "functions" / (name if name.startswith("mlops/") else f"mlops/{name}")
        assert place.exists(), name
