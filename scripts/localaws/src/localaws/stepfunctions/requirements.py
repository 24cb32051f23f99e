"""What AWS requires of the name and the input of an execution.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from __future__ import annotations

import re

# Bytes of UTF-8.
LARGEST_INPUT = 262_144
# No white space, brackets, wildcards, special characters, control characters or surrogates.
_EXECUTION_NAME = re.compile(
    r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff]{1,80}"""
)


def is_execution_name(name: str) -> bool:
    """Whether an execution can have a name."""
    return _EXECUTION_NAME.fullmatch(name) is not None
