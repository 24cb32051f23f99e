"""The story of a recommender's training: from a dataset's bytes to a version, and perhaps a champion."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from mlops.artifact.recommender.histories import hash_user
from mlops.data.digest import training_key
from mlops.evaluation.gates.champion import gate_champion
from mlops.intake.resources import UNLIMITED, Resources
from mlops.intake.training import LoadForServing, Outcome, Upload
from mlops.recommend.artifacts.package import make_package
from mlops.recommend.champion import compare_with, read_parameters
from mlops.recommend.data.catalog import Items, read_catalog
from mlops.recommend.data.load import load_interactions
from mlops.recommend.examination import examine
from mlops.recommend.gates.compiled import gate_golden
from mlops.recommend.gates.held_out import USERS
from mlops.recommend.learn import learn, retest
from mlops.recommend.version import Claim, TrainingData, describe_dataset, describe_version, make_catalogue
from mlops.registry.aliases import Aliases
from mlops.registry.manifest.manifest import Code, Gate
from mlops.registry.manifest.recommender import CatalogVersion, RecommenderManifest
from mlops.registry.promotion import champion_version, promote_candidate
from mlops.registry.standard import Standard, best_version
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.spec import RecommenderSpec
from mlops.tracking.finish import write_once
from mlops.tracking.mirror import Mirror, register_version


class Catalogs(Protocol):
    """Where the items' catalogues are."""

    def find(self, model: str) -> Upload | None:
        """A model's catalogue as it is now, None if it has none. Raises DatasetRejected if it has several."""
        ...


@dataclass(frozen=True, kw_only=True)
class RecommenderTrainer:
    """Trains recommenders into a registry.

    `catalogs` has the items' catalogues. `privacy_key` keys the hashes of users' ids in a version's files; it must be
    the API's. `load_for_serving` is how the serving code loads a version, which must succeed for a version to be
    accepted. `progress` is called with each step; `now` gives the time, with its zone. `resources` bound what is read.
    """

    store: Store
    mirror: Mirror
    catalogs: Catalogs
    privacy_key: bytes
    load_for_serving: LoadForServing
    now: Callable[[], datetime]
    progress: Callable[[str], None]
    resources: Resources = UNLIMITED

    def under(self, progress: Callable[[str], None], resources: Resources) -> "RecommenderTrainer":
        """The trainer with another function for its steps, and what it may use."""
        return replace(self, progress=progress, resources=resources)

    def train(self, upload: Upload, spec: RecommenderSpec, code: Code) -> Outcome[RecommenderManifest]:
        """Train a version on the dataset, unless this very training was done before, and promote it if it earned it.

        Each step may be interrupted and repeated: the same dataset, catalogue, privacy key and code always end in the
        same one version. Raises DatasetRejected, EstimatorFailed, CompilationFailed, TrainingContested, or what the
        store or MLflow raise.
        """
        self.progress("read and check the dataset and the catalogue")
        began = self.now()
        data = self._read(upload, spec, began)
        dataset = describe_dataset(upload, data.found)
        versions, aliases = Versions(self.store, spec.name), Aliases(self.store, spec.name, self.now)
        key = training_key(spec.name, self._digest(data), code.sha256)
        number = versions.claim(key)
        if not versions.exists(number):
            standard = Standard(
                champion=champion_version(aliases), best=best_version(versions, aliases), incident=upload.incident
            )
            claim = Claim(number=number, key=key, began=began, dataset=dataset, code=code, standard=standard)
            self._make(claim, data, spec, versions)
        manifest = versions.recommender(number)
        self.progress("promote the version and mirror it in MLflow")
        standing = promote_candidate(
            manifest,
            aliases,
            why=f"passed its gates on {upload.uri}",
            gates_against=partial(_gate_against, manifest=manifest, versions=versions, data=data, spec=spec),
        )
        register_version(self.mirror, manifest, aliases)
        return Outcome(
            standing=standing,
            manifest=manifest,
            violations=data.found.rejected.violations,
            champion=champion_version(aliases),
        )

    def _read(self, upload: Upload, spec: RecommenderSpec, now: datetime) -> TrainingData:
        given = self.catalogs.find(spec.name)
        table = None
        if given is not None:
            table = read_catalog(given.content, given.uri, spec.catalog, fold_case=spec.fold_case)
        found = load_interactions(upload.content, upload.uri, spec, now, self.resources.most_bytes)
        if given is None or table is None:
            return TrainingData(found, Items.without_catalog(len(found.interactions.items)), None, None)
        catalog = CatalogVersion(uri=given.uri, s3_version=given.s3_version, sha256=table.sha256, items=len(table.ids))
        return TrainingData(found, table.look_up(found.interactions.items), table, catalog)

    def _digest(self, data: TrainingData) -> str:
        """What a version follows from besides the code: the rows, the catalogue, and the key that hides users."""
        catalog = data.catalog.sha256 if data.catalog else ""
        return f"{data.found.sha256}\n{catalog}\n{hash_user('', '', self.privacy_key).hex()}"

    def _make(self, claim: Claim, data: TrainingData, spec: RecommenderSpec, versions: Versions) -> None:
        """Learn, examine, compile, make the files, and write the version."""
        interactions = data.found.interactions
        self.progress(f"search among {', '.join(spec.candidates)} on {len(interactions):,} interactions")
        learned = learn(interactions, spec, self.progress)
        champion = claim.standard.champion
        self.progress("compare with the champion" if champion else "there is no champion to compare with")
        examination = examine(
            learned, interactions, data.items, claim.standard, versions, spec, has_catalog=data.table is not None
        )
        self.progress(f"compile {learned.candidate} to ONNX, draw plots and make the files")
        catalogue = make_catalogue(learned, data)
        package = make_package(learned, interactions, catalogue, spec, self.privacy_key)
        self.progress("run the gates")
        gates = tuple(examination.gates(package.files, catalogue, spec))
        manifest = describe_version(claim, data, examination, spec, gates, package)
        golden = gate_golden(self.load_for_serving, manifest, package.files)
        manifest = manifest.model_copy(update={"gates": (*gates, golden)})
        write_once(manifest, partial(package.finished, spec=spec), versions, self.mirror, self.progress)


def _gate_against(
    champion: int, manifest: RecommenderManifest, versions: Versions, data: TrainingData, spec: RecommenderSpec
) -> Iterator[Gate]:
    """The champion's gates of a finished version, against a champion other than the one in its manifest."""
    test = retest(manifest.candidate, read_parameters(manifest), data.found.interactions, spec)
    yield from gate_champion(compare_with(test, versions, champion, spec), ground=USERS)
