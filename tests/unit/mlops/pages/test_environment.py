"""Templates of pages escape what they show, and fail on names that nobody gives them."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from mlops.pages.environment import make_environment


def test_a_text_is_escaped_and_a_page_includes_the_shared_look(tmp_path: Path) -> None:
    (tmp_path / "page.jinja").write_text('<style>{% include "look.css" %}</style><p title="{{ text }}">{{ text }}</p>')
    page = make_environment(tmp_path).get_template("page.jinja").render(text='"<b>')
    assert page.endswith('<p title="&#34;&lt;b&gt;">&#34;&lt;b&gt;</p>')
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_a_missing_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.jinja").write_text("{{ nobody }}")
    with pytest.raises(UndefinedError):
        make_environment(tmp_path).get_template("page.jinja").render()
