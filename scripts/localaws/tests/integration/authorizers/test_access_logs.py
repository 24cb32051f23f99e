"""What access logs say of a request's authorizer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws_testing.authorizers import get
from localaws_testing.issuer import Issuer


@pytest.mark.proves("http authorizer logs")
def test_access_logs_name_the_caller_and_why_one_was_refused(
    cloud: Any, stack: dict[str, str], trusted: Issuer
) -> None:
    answers = [
        get(f"{stack['Api']}/other", x_who="logged"),
        get(f"{stack['Api']}/policy?key=k", x_who="logged"),
        get(f"{stack['Api']}/token", authorization=trusted.token(scope="read")),
        get(f"{stack['Api']}/other", x_who="fails"),
        get(f"{stack['Api']}/token", authorization=trusted.token(scope="read", exp=1)),
    ]
    lines = [json.loads(cloud.logged("authorized-lines", answer.headers["apigw-requestid"])[0]) for answer in answers]
    assert [(line["status"], line["who"], line["principal"], line["sub"]) for line in lines] == [
        ("200", "logged", "-", "-"),
        ("200", "logged", "logged", "-"),
        ("200", "-", "-", "ann"),
        ("500", "-", "-", "-"),
        ("401", "-", "-", "-"),
    ]
    assert [line["error"] for line in lines[3:]] == ["The authorizer's function failed.", "the token has expired"]
