"""Writes the conformance table into docs/local-aws.md: `python -m localaws_testing.conformance`, in tests/."""

import sys

from localaws_testing.conformance.catalog import things
from localaws_testing.conformance.proofs import ROOT, proofs
from localaws_testing.conformance.table import DOCUMENT, read, render, unproved, written


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
