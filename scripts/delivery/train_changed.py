"""`scripts/train-changed`: models whose spec or dataset changed in git, each trained on local AWS."""

import os
from contextlib import ExitStack
from pathlib import Path

from cli.errors import CommandError
from cli.models.registered_model import open_model
from cli.reports import wait_for_report
from cli.stack import Stack
from delivery.changes import Changed, find_catalog, find_dataset
from delivery.errors import DeliveryFailed
from delivery.trained import NOT_TRAINED, Trained
from loop.flow import STACK, Options, start
from loop.screen import Screen
from mlops.artifact.names import CARD
from mlops.data.read import find_ending
from mlops.intake.catalogs import catalog_key

TRAINING_SECONDS = 900


def train_all(root: Path, changed: list[Changed], screen: Screen, *, port: int, http_port: int) -> list[Trained]:
    """Train each model on a local AWS that is started for it and stopped. Raises LoopFailed or LocalAwsError."""
    options = Options(root=root, port=port, http_port=http_port, mlflow_port=None, dataset=False, stay=False)
    before = dict(os.environ)
    try:
        with ExitStack() as stack:
            start(options, screen, stack)
            target = Stack(STACK, announce=False)
            return [_train(root, each, target, screen) for each in changed]
    finally:
        # The settings of that local AWS mustn't outlive it.
        os.environ.clear()
        os.environ.update(before)


def _train(root: Path, changed: Changed, target: Stack, screen: Screen) -> Trained:
    model = changed.model
    try:
        dataset = find_dataset(root, changed, root / ".localaws" / "examples" / model)
        bucket, key = target.outputs["DataBucketName"], f"datasets/{model}/{dataset.name}"
        with screen.step(f"{model} is trained on {dataset.name}"):
            _put_catalog(target, bucket, model, dataset)
            put = target.s3.put_object(Bucket=bucket, Key=key, Body=dataset.read_bytes())
            report = wait_for_report(target, bucket, key, put.get("VersionId"), TRAINING_SECONDS, show=screen.note)
    except (DeliveryFailed, CommandError) as error:
        return Trained(model, changed.files, NOT_TRAINED, str(error))
    outcome, reason = report["outcome"], report["reason"]
    if "version" not in report:
        return Trained(model, changed.files, outcome, reason, report)
    versions = open_model(target, model).versions
    manifest = versions.manifest(report["version"])
    card = versions.read(manifest, CARD)
    return Trained(model, changed.files, outcome, reason, report, manifest, card)


def _put_catalog(target: Stack, bucket: str, model: str, dataset: Path) -> None:
    catalog = find_catalog(dataset)
    ending = find_ending(catalog.name) if catalog else None
    if catalog and ending:
        target.s3.put_object(Bucket=bucket, Key=catalog_key(model, ending), Body=catalog.read_bytes())
