"""A recommender's version in the making: what it's made from, and its manifest."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version as library_version

from mlops.data.digest import digest_content
from mlops.intake.training import Upload
from mlops.recommend.artifacts.package import Package
from mlops.recommend.artifacts.profile import time_span
from mlops.recommend.compile.package import Catalogue
from mlops.recommend.data.alike import describe_unlisted
from mlops.recommend.data.catalog import CatalogTable, Items
from mlops.recommend.data.load import InteractionData
from mlops.recommend.examination import Examination
from mlops.recommend.learn import Learned
from mlops.registry.manifest.manifest import Code, Dataset, Gate
from mlops.registry.manifest.recommender import CatalogVersion, RecommenderManifest
from mlops.registry.standard import Standard
from mlops.registry.versions import describe
from mlops.spec import RecommenderSpec

LIBRARIES = ("numpy", "scipy", "pyarrow", "onnx", "onnxruntime", "matplotlib")


@dataclass(frozen=True, eq=False)
class TrainingData:
    """A dataset's interactions, what is known of their items, and the catalogue that it's known from."""

    found: InteractionData
    items: Items
    table: CatalogTable | None
    catalog: CatalogVersion | None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A training with the version number that it claimed, when it began, and the versions to compare with."""

    number: int
    key: str
    began: datetime
    dataset: Dataset
    code: Code
    standard: Standard


def describe_dataset(upload: Upload, found: InteractionData) -> Dataset:
    """The dataset version that was learnt from."""
    return Dataset(
        uri=upload.uri,
        s3_version=upload.s3_version,
        sha256=digest_content(upload.content),
        rows=len(found.interactions),
        columns=found.columns,
        rejected_rows=len(found.rejected.rows),
        rows_sha256=found.sha256,
        incident=upload.incident,
    )


def make_catalogue(learned: Learned, data: TrainingData) -> Catalogue:
    """The items as serving needs them: titles only where there's a catalogue."""
    return Catalogue(
        ids=data.found.interactions.items.tolist(),
        titles=[title or None for title in data.items.titles.tolist()] if data.table else None,
        available=data.items.available,
        trending=learned.trending,
    )


def describe_version(
    claim: Claim,
    data: TrainingData,
    examination: Examination,
    spec: RecommenderSpec,
    gates: tuple[Gate, ...],
    package: Package,
) -> RecommenderManifest:
    """The version's manifest, but for the gate that needs it."""
    learned, interactions = examination.learned, data.found.interactions
    test = learned.test
    since, until = time_span(interactions, spec.interactions)
    measured = (("test", test.estimates), ("baseline", test.baseline_estimates))
    best: dict[str, float] = {}
    for trial in learned.search.trials:
        if trial.score is not None:
            name = f"{trial.candidate}/{spec.metric}"
            best[name] = max(trial.score, best.get(name, trial.score))
    return RecommenderManifest(
        model=spec.name,
        version=claim.number,
        training_key=claim.key,
        created_at=claim.began,
        seed=spec.seed,
        interactions=spec.interactions,
        k=spec.k,
        items=len(interactions.items),
        available=int(data.items.available.sum()),
        users=len(interactions.users),
        since=since,
        until=until,
        catalog=data.catalog,
        dataset=claim.dataset,
        code=claim.code,
        libraries={"python": platform.python_version(), **{name: library_version(name) for name in LIBRARIES}},
        candidate=learned.candidate,
        estimator=type(learned.model).__name__,
        parameters=learned.parameters,
        search=learned.search,
        metrics={
            **{
                split: {name: found.value for name, found in estimates.items() if found.value is not None}
                for split, estimates in measured
            },
            "validation": best,
        },
        estimates=test.estimates,
        slices=test.slice_estimates,
        too_small=test.too_small,
        comparison=examination.comparison,
        comparison_with_best=examination.comparison_with_best,
        remarks=tuple(_find_remarks(data, learned)),
        gates=gates,
        files={name: describe(content) for name, content in package.files.items()},
    )


def _find_remarks(data: TrainingData, learned: Learned) -> Iterator[str]:
    """What nobody should miss who uses the version."""
    yield from data.found.remarks
    if unlisted := int((~data.items.listed).sum()):
        yield f"{unlisted:,} items of the dataset aren't in the catalogue: they are learnt from, and not recommended."
    if data.table:
        yield from describe_unlisted(data.found.interactions.items, data.table.ids)
    if learned.test.task.unreachable:
        share = f"{learned.test.task.unreachable:.1%}"
        yield f"{share} of what people took in the held-out part was new: no model could know it."
