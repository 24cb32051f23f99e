"""Writes the conformance table into docs/local-aws.md: `python -m localaws_testing.conformance`, in tests/."""

import sys

from localaws_testing.conformance.catalog import features
from localaws_testing.conformance.proofs import ROOT, proofs
from localaws_testing.conformance.table import DOCUMENT, read, render, replace_table, untested


def main() -> int:
    """Write the table; the exit code is 1 if a feature has no test."""
    known, found = features(), proofs()
    DOCUMENT.write_text(replace_table(read(), render(known, found)), encoding="utf-8")
    missing = untested(known, found)
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(known)} features, {len(missing)} without a test")
    for name in missing:
        print(f"  {name}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
