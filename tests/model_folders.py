"""A folder in place of functions/models/, whose specs leave nothing behind in the process."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import models


@contextmanager
def model_folder(*folders: Path | str) -> Iterator[None]:
    """Specs are looked for in `folders`, none is loaded yet; afterwards all specs are as they were.

    A module is in two places, sys.modules and its package: a test that put back one of them would leave other tests
    with two modules of one name.
    """
    loaded, places = _unload(), models.__path__
    models.__path__ = list(map(str, folders))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        models.__path__ = places
        _unload()
        for name, module in loaded.items():
            sys.modules[f"models.{name}"] = module
            setattr(models, name, module)


def _unload() -> dict[str, ModuleType]:
    prefix = f"{models.__name__}."
    names = [name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)]
    for name in names:
        vars(models).pop(name, None)
    return {name: sys.modules.pop(prefix + name) for name in names}
