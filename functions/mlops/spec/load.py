"""Model specs found by their model's name, in the files of `functions/models/`."""

import importlib
import importlib.util
import pkgutil
from difflib import get_close_matches
from types import ModuleType

from mlops.contract import MODEL_NAME
from mlops.errors.training import SpecInvalid
from mlops.spec.model import ModelSpec
from mlops.spec.recommender import RecommenderSpec

type AnySpec = ModelSpec | RecommenderSpec


def load_table_spec(model: str) -> ModelSpec:
    """As `load_spec`, of a table's model. Raises SpecInvalid for a recommender too."""
    spec = load_spec(model)
    if not isinstance(spec, ModelSpec):
        raise SpecInvalid(model, "it is that of a recommender, and this takes that of a table's model")
    return spec


def load_recommender_spec(model: str) -> RecommenderSpec:
    """As `load_spec`, of a recommender. Raises SpecInvalid for a table's model too."""
    spec = load_spec(model)
    if not isinstance(spec, RecommenderSpec):
        raise SpecInvalid(model, "it is that of a table's model, and this takes that of a recommender")
    return spec


def load_spec(model: str) -> AnySpec:
    """The spec in `models/<model>.py`. Raises SpecInvalid with the remedy if there is none, or it isn't one."""
    file = model.replace("-", "_")
    module = f"models.{file}"
    if not MODEL_NAME.fullmatch(model):
        rule = "a model's name has small letters, digits and hyphens only, and a letter first"
        raise SpecInvalid(model, f"{rule}, as its file in functions/models/ has")
    if importlib.util.find_spec(module) is None:
        known = list_specs()
        near = get_close_matches(model, known, n=1)
        hint = f"did you mean {near[0]!r}" if near else f"models with a spec: {', '.join(known)}"
        raise SpecInvalid(model, f"there is no functions/models/{file}.py; write one ({hint})")
    spec = getattr(_import(model, module), "spec", None)
    if not isinstance(spec, ModelSpec | RecommenderSpec):
        raise SpecInvalid(model, f"{module} has no ModelSpec or RecommenderSpec named `spec`")
    if spec.name != model:
        raise SpecInvalid(model, f"{module} is the spec of {spec.name!r}")
    return spec


def _import(model: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    # A library that isn't installed is an ImportError; one whose shared libraries the system lacks, an OSError.
    except (ImportError, OSError) as error:
        remedy = "install what it imports where models are trained; docs/compile.md says how for LightGBM"
        raise SpecInvalid(model, f"{module} can't be imported ({error}); {remedy}") from error


def list_specs() -> list[str]:
    """The names of the models that have a file in `models/`, sorted."""
    folder = importlib.import_module("models").__path__
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(folder))
