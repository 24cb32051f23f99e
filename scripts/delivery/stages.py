"""The stages of samconfig.toml: the stack of each, and the template's parameters there."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from delivery.errors import DeliveryFailed

_NOT_STAGES = ("version", "default", "local")


@dataclass(frozen=True)
class Stage:
    """A place that releases are deployed to. `parameters` are the template's, as samconfig.toml has them for it."""

    name: str
    stack: str
    parameters: dict[str, str]


def read_stage(root: Path, name: str) -> Stage:
    """A stage by its name. Raises DeliveryFailed with the names that there are."""
    config = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    stages = [found for found in config if found not in _NOT_STAGES]
    if name not in stages:
        raise DeliveryFailed(f"samconfig.toml has no stage {name!r}; there are: {', '.join(stages)}.")
    overrides = config[name]["deploy"]["parameters"].get("parameter_overrides", [])
    parameters = {key: value for key, _, value in (each.partition("=") for each in overrides)}
    return Stage(name, config[name]["global"]["parameters"]["stack_name"], parameters)
