"""Calls of AWS clients that must fail."""

from typing import Any

import pytest
from botocore.exceptions import ClientError


def refused(call: Any, **options: Any) -> str:
    """The code of the error of a call."""
    return refusal(call, **options)[0]


def refusal(call: Any, **options: Any) -> tuple[str, str]:
    """The code and the message of the error of a call."""
    with pytest.raises(ClientError) as caught:
        call(**options)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
