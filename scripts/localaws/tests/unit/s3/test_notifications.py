"""Keys in notifications."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest

from localaws.s3.notifications import form_encoded


@pytest.mark.proves("s3 notification keys")
@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("in/red flower.jpg", "in/red+flower.jpg"),
        ("a+b&c=d", "a%2Bb%26c%3Dd"),
        ("a%20b", "a%2520b"),
        ("ü/é.csv", "%C3%BC/%C3%A9.csv"),
        ("(1)*~.-_", "%281%29*%7E.-_"),
        ("//x/", "//x/"),
    ],
)
def test_a_key_is_encoded_like_a_form(key: str, encoded: str) -> None:
    assert form_encoded(key) == encoded
    assert unquote_plus(encoded) == key
