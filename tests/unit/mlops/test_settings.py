import pytest

from mlops.errors.base import SettingInvalid
from mlops.serving.settings import ApiSettings
from mlops.settings import read_settings


def test_settings_are_read_from_variables_of_their_names() -> None:
    environ = {"MODELS_BUCKET": "models", "MAX_ROWS": "50", "FOLLOW_SECONDS": "0.5", "HOME": "/"}
    settings = read_settings(ApiSettings, environ)
    assert (settings.models_bucket, settings.max_rows, settings.follow_seconds) == ("models", 50, 0.5)
    assert settings.default_model == "diagnosis"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("MODELS_BUCKET", ""), ("DEFAULT_MODEL", "No Such Name"), ("MAX_ROWS", "0"), ("MAX_ROWS", "many")],
)
def test_a_bad_value_is_refused_by_its_variables_name(variable: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"^{variable} is '{value}': "):
        read_settings(ApiSettings, {"MODELS_BUCKET": "models", variable: value})


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SettingInvalid, match="MODELS_BUCKET is not set"):
        read_settings(ApiSettings, {})


def test_a_secret_isnt_shown() -> None:
    settings = read_settings(ApiSettings, {"MODELS_BUCKET": "models", "PRIVACY_KEY": "MARKED"})
    assert "MARKED" not in repr(settings)
