"""The API put together from its environment, with the default model's champion loaded: the start of every process."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.applications import Starlette

from mlops.registry.store import open_store
from mlops.serving.app import create_app
from mlops.serving.champions import Champions
from mlops.serving.records import ServingLog
from mlops.settings import ApiSettings, read_settings
from mlops.telemetry import make_logger


@dataclass(frozen=True)
class Api:
    """The application, and what it follows."""

    app: Starlette
    champions: Champions


def open_api(environ: Mapping[str, str]) -> Api:
    """Read the settings and load the champion. Raises SettingInvalid; a champion that can't be loaded is logged."""
    settings = read_settings(ApiSettings, environ)
    store = open_store(f"s3://{settings.models_bucket}", environ)
    log = ServingLog(make_logger(), settings.privacy_key.get_secret_value())
    champions = Champions(store, settings, log)
    champions.warm()
    return Api(create_app(settings, store, champions, log), champions)
