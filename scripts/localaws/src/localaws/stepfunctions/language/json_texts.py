"""JSON texts, as strict as Step Functions is: Python's parser takes NaN and infinite numbers too."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


def parse_json(text: Any) -> Any:
    """The value of a JSON text; raises ValueError."""
    if not isinstance(text, str | bytes):
        raise ValueError("JSON is parsed from a string")
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def size_of(text: str) -> int:
    """The number of bytes of a text in UTF-8; JSON's escapes can make half of a surrogate pair, which counts as 3."""
    return len(text.encode(errors="surrogatepass"))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} isn't JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text} is too large")
    return number
