"""/models: model metadata from the registry, as old as the settings let the view of an alias be, and no older."""

import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from mlops.artifact.names import GOLDEN, ITEMS
from mlops.contract import Contract
from mlops.errors.registry import AliasNotFound
from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.manifest.manifest import TABLE, Dataset, Gate
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.docs.answers import KeptDocuments
from mlops.serving.live.names import ModelNames
from mlops.serving.rows.reader import Row
from mlops.serving.settings import ApiSettings

if TYPE_CHECKING:
    from mlops.registry.manifest.recommender import RecommenderManifest
    from mlops.registry.versions import AnyManifest

_FEW = 2

ModelName = Annotated[str, Path(description="The model's name.", examples=["diagnosis"])]


class ModelSummary(BaseModel):
    """A model, the version that its champion points at, and how many versions it has."""

    name: str
    champion: int | None
    versions: int


class ModelList(BaseModel):
    """All models; `default_model` answers POST /predict."""

    default_model: str
    models: list[ModelSummary]


class ModelCard(BaseModel):
    """A model and its champion: `version`, kind, contract, metrics by split, gates, dataset; null without a champion.

    A model of a table has a `contract`, a recommender its `interactions`.
    """

    name: str
    version: int | None
    versions: list[int]
    aliases: dict[str, int]
    kind: str | None = None
    contract: Contract | None = None
    interactions: dict[str, Any] | None = None
    metrics: dict[str, dict[str, float]] | None = None
    gates: tuple[Gate, ...] | None = None
    dataset: Dataset | None = None
    candidate: str | None = None
    parameters: dict[str, Any] | None = None
    created_at: datetime | None = None


class Catalog:
    """Reads model metadata from the registry. The files of versions never change, so they are cached.

    `documents` are the answers that are made from it.
    """

    def __init__(self, store: Store, settings: ApiSettings, names: ModelNames) -> None:
        self._store = store
        self._names = names
        self.default_model = settings.default_model
        self.documents = KeptDocuments(settings.follow_seconds)
        self._manifest = lru_cache(maxsize=64)(self._read_manifest)
        self._items = lru_cache(maxsize=64)(self._read_items)
        self._example = lru_cache(maxsize=64)(self._read_example)

    def names(self) -> list[str]:
        """The models in the registry, sorted, and the default model even if it isn't there yet."""
        return sorted({*self._names.all(), self.default_model})

    def summaries(self) -> ModelList:
        """All models in short."""
        models = [
            ModelSummary(name=name, champion=self.champion(name), versions=len(Versions(self._store, name).numbers()))
            for name in self.names()
        ]
        return ModelList(default_model=self.default_model, models=models)

    def check(self, name: str) -> None:
        """Raise ModelNotFound unless there is such a model; the default model is even if it isn't in the registry."""
        if name != self.default_model:
            self._names.require(name)

    def card(self, name: str) -> ModelCard:
        """One model in full."""
        aliases = Aliases(self._store, name)
        pointed = {alias: aliases.read(alias) for alias in aliases.names()}
        versions = {alias: found.version for alias, found in pointed.items() if found is not None}
        card = ModelCard(
            name=name,
            version=versions.get(CHAMPION),
            versions=Versions(self._store, name).numbers(),
            aliases=versions,
        )
        if card.version is None:
            return card
        manifest = self._manifest(name, card.version)
        shown = ("kind", "metrics", "gates", "dataset", "candidate", "parameters", "created_at")
        contract: dict[str, Any] = (
            {"contract": manifest.contract}
            if manifest.kind == TABLE
            else {"interactions": manifest.interactions.model_dump(mode="json")}
        )
        return card.model_copy(update={**contract, **{field: getattr(manifest, field) for field in shown}})

    def champion(self, name: str) -> int | None:
        """The version that the model's champion points at, if there is one."""
        try:
            alias = Aliases(self._store, name).read(CHAMPION)
        except AliasNotFound:
            return None
        return alias.version if alias else None

    def contract(self, name: str) -> tuple[int, Contract, Row] | None:
        """The champion's version, its contract and a real row that keeps it; None without a champion that has one."""
        version = self.champion(name)
        if version is None:
            return None
        manifest = self._manifest(name, version)
        if manifest.kind != TABLE:
            return None
        return version, manifest.contract, self._example(name, version)

    def recommender(self, name: str) -> "tuple[RecommenderManifest, list[str]] | None":
        """The champion's manifest and a few of its items; None without a champion that recommends."""
        version = self.champion(name)
        manifest = None if version is None else self._manifest(name, version)
        if manifest is None or manifest.kind == TABLE:
            return None
        return manifest, self._items(name, manifest.version)

    def _read_manifest(self, name: str, version: int) -> "AnyManifest":
        return Versions(self._store, name).manifest(version)

    def _read_items(self, name: str, version: int) -> list[str]:
        items = json.loads(Versions(self._store, name).read(self._manifest(name, version), ITEMS))
        ids: list[str] = items["ids"]
        return ids[:_FEW]

    def _read_example(self, name: str, version: int) -> Row:
        golden = json.loads(Versions(self._store, name).read(self._manifest(name, version), GOLDEN))
        row: Row = golden["rows"][0]
        return row


def add_models(app: FastAPI, catalog: Catalog) -> None:
    """Add /models and /models/{model} to the application."""

    documents = catalog.documents

    @app.get("/models", summary="All models", tags=["models"], response_model=ModelList)
    def list_models(request: Request) -> Response:
        """All models, with the version that serves and the number of versions."""
        return documents.answer(request, "models", lambda: catalog.summaries().model_dump_json().encode())

    @app.get("/models/{model}", summary="One model", tags=["models"], response_model=ModelCard)
    def describe_model(model: ModelName, request: Request) -> Response:
        """A model's contract, and its champion's metrics, gates and dataset."""
        catalog.check(model)
        return documents.answer(request, f"models/{model}", lambda: catalog.card(model).model_dump_json().encode())
