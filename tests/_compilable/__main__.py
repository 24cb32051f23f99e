"""Writes the table of estimators into docs/compile.md: `source scripts/setup && python -m tests._compilable`."""

from tests._compilable.table import DOCUMENT, render, share, written

if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), render()), encoding="utf-8")
    compiled, fitting = share()
    print(f"{DOCUMENT.name}: {compiled} of {fitting} estimators that fit tables compile")
