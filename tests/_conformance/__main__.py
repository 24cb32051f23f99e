"""Writes the conformance table into docs/local-aws.md: `source scripts/setup && python -m tests._conformance`."""

import sys

from tests._conformance.catalog import things
from tests._conformance.proofs import ROOT, proofs
from tests._conformance.table import DOCUMENT, read, render, unproved, written


def main() -> int:
    """Write the table; the exit code is 1 if no test proves something."""
    known, found = things(), proofs()
    DOCUMENT.write_text(written(read(), render(known, found)), encoding="utf-8")
    missing = unproved(known, found)
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(known)} things, {len(missing)} not proved yet")
    for name in missing:
        print(f"  {name}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
