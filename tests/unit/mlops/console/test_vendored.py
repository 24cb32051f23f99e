"""What isn't ours is as its maker has it, and comes with its licence."""

import hashlib
from pathlib import Path

STATIC = Path(__file__).parents[4] / "functions" / "mlops" / "console" / "static"
# The digest of dist/htmx.min.js in npm's htmx.org 2.0.11, whose own integrity is
# sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


def test_htmx_is_the_one_of_npm() -> None:
    assert hashlib.sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest() == HTMX
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE").read_text()
