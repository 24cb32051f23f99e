"""The API put together from its environment, with the default model's champion loaded: the start of every process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI

from mlops.errors.base import SettingInvalid
from mlops.privacy_key import with_privacy_key
from mlops.registry.store import Store, open_store
from mlops.serving.app import create_app
from mlops.serving.credentials import ContainerCredentials, find_credentials
from mlops.serving.live.prefetch import Prefetch
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.settings import read_settings
from mlops.telemetry import make_logger

if TYPE_CHECKING:
    from mlops.authorization.check import Checker
    from mlops.serving.recommend.recent import RecentEvents


@dataclass(frozen=True)
class Api:
    """The application, the models that it serves, and a function that makes another client of the registry."""

    app: FastAPI
    models: ServedModels
    open_store: Callable[[], Store]


def open_api(environ: Mapping[str, str], prefetch: Prefetch | None = None) -> Api:
    """Read the settings and load the champion, from what was prefetched if that is complete.

    Raises SettingInvalid and SecretUnavailable; a champion that can't be loaded is logged.
    """
    credentials = find_credentials(environ)
    environ = with_privacy_key(environ, credentials)
    settings = read_settings(ApiSettings, environ)
    address = f"s3://{settings.models_bucket}"
    connect = partial(open_store, address, environ, credentials)
    bucket = settings.records_bucket
    records = partial(open_store, f"s3://{bucket}", environ, credentials) if bucket else None
    store = (prefetch and prefetch.client) or connect()
    recording = Recording.from_settings(settings.record_inputs, settings.record_cell_bytes)
    logger = make_logger()
    checker = _open_checker(settings, environ, credentials, logger.warning)
    log = ServingLog(logger, settings.privacy_key.get_secret_value(), recording)
    models = ServedModels(store, settings, log)
    models.warm_up(prefetch)
    recent = partial(_open_recent, settings, environ, credentials) if settings.history_table else None
    return Api(create_app(settings, store, models, log, records, recent, checker), models, connect)


def _open_checker(
    settings: ApiSettings,
    environ: Mapping[str, str],
    credentials: ContainerCredentials | None,
    warn: Callable[[str], None],
) -> "Checker | None":
    """The check of keys; None where there are none, with a warning if anybody may ask. Raises SettingInvalid."""
    if settings.authorization == "open":
        warn("ANYBODY WHO REACHES THIS API MAY USE IT: AUTHORIZATION is open.")
        return None
    if settings.authorization == "iam":
        if "AWS_LAMBDA_FUNCTION_NAME" not in environ:
            raise SettingInvalid("AUTHORIZATION", "iam", "signatures are verified by API Gateway and function URLs")
        return None
    from mlops.authorization.bootstrap import make_checker
    from mlops.authorization.settings import AuthorizationSettings
    from mlops.dynamodb import DynamoDb

    return make_checker(AuthorizationSettings.read(environ), DynamoDb(environ, credentials).call, warn)


def _open_recent(
    settings: ApiSettings, environ: Mapping[str, str], credentials: ContainerCredentials | None
) -> "RecentEvents":
    """Imported at the first recommendation: no prediction needs it."""
    from mlops.dynamodb import DynamoDb
    from mlops.serving.recommend.recent import RecentEvents

    return RecentEvents(settings.history_table, DynamoDb(environ, credentials), settings.history_days)
