"""What the replacement image takes from this machine."""

from pathlib import Path

import pytest

from localaws.samlocal import base_image


@pytest.fixture(autouse=True)
def _no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(base_image, "_PIP_FILES", (tmp_path / "pip.conf",))
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://index.example/simple\nfind-links = /opt/wheels\n")


def test_the_index_comes_from_the_environment_or_the_file_and_folders_stay_behind() -> None:
    from_file = base_image.pip_settings({"PIP_EXTRA_INDEX_URL": "file:///opt/pypi https://extra.example/simple"})
    assert "index-url = https://index.example/simple" in from_file
    assert "extra-index-url = https://extra.example/simple\n" in from_file
    assert "file:" not in from_file
    assert "/opt/wheels" not in from_file
    assert "index-url = https://other.example\n" in base_image.pip_settings({"PIP_INDEX_URL": "https://other.example"})


def test_the_recipe_changes_with_what_goes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    before = base_image.recipe()
    monkeypatch.setattr(base_image, "_SUITE", "forky")
    assert base_image.recipe() != before
