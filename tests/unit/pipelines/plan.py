"""What a pipeline does, whoever runs it: an ordered list of steps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

ROOT = Path(__file__).parents[3]
ON_FAILURE: Literal["on failure"] = "on failure"
APPROVAL: Literal["approval"] = "approval"


@dataclass(frozen=True)
class Step:
    """A command of a stage. `when` is `on failure` where it's run only if one of the stage before it failed, and
    `approval` for a person's decision, which has no command.

    `on_main` says that it's run for the main branch alone.
    """

    stage: str
    command: str
    when: Literal["", "on failure", "approval"] = ""
    on_main: bool = False


class UnexpectedShape(Exception):
    """A pipeline's file has something that its reader doesn't know."""


def read_yaml(name: str) -> dict[str, object]:
    """A YAML file of the repository. `on` is a key, not true."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = yaml.load(text, _Loader)
    if not isinstance(found, dict):
        raise UnexpectedShape(f"{name} is no mapping")
    return found


class _Loader(yaml.SafeLoader):
    """YAML 1.2's truth values, which the pipelines' own readers have: `true` and `false` alone."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def in_order(needs: dict[str, set[str]]) -> list[str]:
    """Jobs so that each comes after those it needs, else as they are written."""
    done: list[str] = []
    while len(done) < len(needs):
        ready = [job for job, needed in needs.items() if job not in done and needed <= set(done)]
        if not ready:
            raise UnexpectedShape(f"jobs need each other, or one that isn't there: {needs}")
        done.append(ready[0])
    return done
