"""The page on the model factory names tests and files that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "model-factory.md").read_text(encoding="utf-8")


def test_all_fourteen_tests_of_the_ml_test_score_exist_where_the_page_says() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_(data|model)_(\d)_\w+)`", PAGE)
    assert [(kind, int(number)) for _, _, kind, number in named] == [
        (kind, number) for kind in ("data", "model") for number in range(1, 8)
    ]
    for path, name, _, _ in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_the_modules_that_the_page_names_exist() -> None:
    named = re.findall(r"`((?:training|data|mlops)/[\w/.]*)`", PAGE)
    assert len(named) >= 4
    for name in named:
        place = ROOT / "functions" / (name if name.startswith("mlops/") else f"mlops/{name}")
        assert place.exists(), name
