"""What a page lists."""

import re


def listed(page: str) -> list[str]:
    """The ids of the predictions in a page's table."""
    return re.findall(r"/predictions/([0-9a-f-]{36})\"", page)
