"""The API put together from its environment, with the default model's champion loaded: the start of every process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI

from mlops.registry.store import Store, open_store
from mlops.serving.app import create_app
from mlops.serving.credentials import find_credentials
from mlops.serving.live.prefetch import Prefetch
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.settings import read_settings
from mlops.telemetry import make_logger


@dataclass(frozen=True)
class Api:
    """The application, the models that it serves, and a function that makes another client of the registry."""

    app: FastAPI
    models: ServedModels
    open_store: Callable[[], Store]


def open_api(environ: Mapping[str, str], prefetch: Prefetch | None = None) -> Api:
    """Read the settings and load the champion, from what was prefetched if that is complete.

    Raises SettingInvalid; a champion that can't be loaded is logged.
    """
    settings = read_settings(ApiSettings, environ)
    address = f"s3://{settings.models_bucket}"
    credentials = find_credentials(environ)
    connect = partial(open_store, address, environ, credentials)
    bucket = settings.records_bucket
    records = partial(open_store, f"s3://{bucket}", environ, credentials) if bucket else None
    store = (prefetch and prefetch.client) or connect()
    recording = Recording.from_settings(settings.record_inputs, settings.record_cell_bytes)
    log = ServingLog(make_logger(), settings.privacy_key.get_secret_value(), recording)
    models = ServedModels(store, settings, log)
    models.warm_up(prefetch)
    return Api(create_app(settings, store, models, log, records), models, connect)
