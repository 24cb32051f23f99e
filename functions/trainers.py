"""Wires training together from its settings: what trains each kind of model, and hands it the code that serves."""

from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from mlops.data.bucket import S3Bucket
from mlops.intake.catalogs import BucketCatalogs
from mlops.intake.flow import Intake
from mlops.intake.log import TrainingLog
from mlops.recommend.flow import RecommenderTrainer
from mlops.registry.store import open_store
from mlops.serving.live.loading import load_version
from mlops.settings import TrainSettings
from mlops.spec import ModelSpec, RecommenderSpec
from mlops.tracking.mirror import open_mirror
from mlops.training.artifacts.package import GOLDEN_ROWS
from mlops.training.flow import Trainer


def make_intake(settings: TrainSettings, s3: Any, log: TrainingLog, environ: MutableMapping[str, str]) -> Intake:
    """What turns uploads into versions, through a boto3 client of S3."""
    models = f"s3://{settings.models_bucket}"
    bucket = S3Bucket(s3, settings.data_bucket)
    tables = Trainer(
        store=open_store(models),
        mirror=open_mirror(settings.mlflow_tracking_uri, models, environ),
        load_for_serving=partial(load_version, max_rows=GOLDEN_ROWS),
        now=lambda: datetime.now(UTC),
        progress=log.progress,
    )
    recommenders = RecommenderTrainer(
        store=tables.store,
        mirror=tables.mirror,
        catalogs=BucketCatalogs(bucket, settings.data_bucket),
        privacy_key=settings.privacy_key.get_secret_value().encode(),
        load_for_serving=tables.load_for_serving,
        now=tables.now,
        progress=log.progress,
    )
    return Intake(
        bucket=bucket,
        trainers={ModelSpec: tables, RecommenderSpec: recommenders},
        now=tables.now,
        progress=log.progress,
        root=Path(__file__).parent,
        commit=settings.code_commit,
    )
