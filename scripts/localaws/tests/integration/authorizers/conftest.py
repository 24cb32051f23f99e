"""A stack with authorizers of each kind, and the issuer that its JWT authorizers trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from localaws.commands.remote import call
from localaws_testing.authorizers import STACK
from localaws_testing.issuer import Issuer, issuer


@pytest.fixture(scope="module")
def trusted(cloud: Any) -> Iterator[Issuer]:
    """An issuer whose clock is that of local AWS, which other tests move."""
    with issuer(lambda: datetime.fromisoformat(call(cloud.port, "status", {})["now"]).timestamp()) as running:
        yield running


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]], trusted: Issuer) -> dict[str, str]:
    return deploy("authorized", STACK.replace("ISSUER", trusted.url))
