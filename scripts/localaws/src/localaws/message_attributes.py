"""The attributes of messages, whose rules SQS and SNS share.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
"""

from __future__ import annotations

import json
import re

_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LONGEST = 256
_RESERVED = ("aws.", "amazon.")
_TYPES = frozenset({"String", "Number", "Binary"})
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def problem(name: str, data_type: str | None, value: str | bytes | None) -> str | None:
    """Why an attribute isn't one; None if it is."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        return (
            f"The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore "
            "(_), hyphen (-), and period (.) characters, periods neither at its beginning or end nor twice in a row, "
            f"and is up to {_LONGEST} characters long."
        )
    if name.lower().startswith(_RESERVED):
        return f"The message attribute name '{name}' begins with AWS. or Amazon., which are reserved."
    kind = (data_type or "").partition(".")[0]
    if kind not in _TYPES:
        return (
            f"The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes "
            "is Binary, Number, and String."
        )
    if not value:
        return (
            f"The message attribute '{name}' must contain non-empty message attribute value for message attribute type "
            f"'{data_type}'."
        )
    if kind == "Number" and not _NUMBER.fullmatch(str(value)):
        return f"Could not cast message attribute '{name}' value to number."
    return None


def array_problem(name: str, value: str) -> str | None:
    """Why an attribute of SNS's type String.Array isn't one; None if it is."""
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    return None if isinstance(found, list) else f"The message attribute '{name}' isn't an array in JSON."
