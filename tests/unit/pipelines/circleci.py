"""`.circleci/config.yml` → steps."""

from typing import Any

from tests.unit.pipelines.plan import APPROVAL, ON_FAILURE, Step, UnexpectedShape, in_order, read_yaml

FILE = ".circleci/config.yml"
# Steps that bring files to a job or away from it.
_FILES = ("checkout", "restore_cache", "save_cache", "store_artifacts")
_PART = "<< parameters.part >>"


def expand() -> list[Step]:
    """The steps of the workflow's jobs, each after those that it requires; an approval stands before its job."""
    document: dict[str, Any] = read_yaml(FILE)
    (workflow,) = document["workflows"].values()
    uses = {name: use for entry in workflow["jobs"] for name, use in _use(entry).items()}
    steps: list[Step] = []
    approvals: set[str] = set()
    for name in in_order({name: set(use.get("requires", [])) for name, use in uses.items()}):
        use = uses[name]
        on_main = use.get("filters") == {"branches": {"only": "main"}}
        if use.get("type") == "approval":
            approvals.add(name)
            continue
        if approvals & set(use.get("requires", [])):
            steps.append(Step(name, "", APPROVAL, on_main))
        for part in use.get("matrix", {}).get("parameters", {}).get("part", [""]):
            steps += [
                Step(name, command.replace(_PART, part), when, on_main)  # type: ignore[arg-type]
                for command, when in _commands(document, document["jobs"][name]["steps"])
            ]
    return steps


def _use(entry: str | dict[str, Any]) -> dict[str, Any]:
    return {entry: {}} if isinstance(entry, str) else entry


def _commands(document: dict[str, Any], steps: list[Any]) -> list[tuple[str, str]]:
    """The commands of a job, those of the file's own commands included, and when each is run."""
    found: list[tuple[str, str]] = []
    for step in steps:
        name = step if isinstance(step, str) else next(iter(step))
        if name == "run":
            run = step["run"] if isinstance(step["run"], dict) else {"command": step["run"]}
            if run.get("when", "on_fail") != "on_fail":
                raise UnexpectedShape(f"a step is run {run['when']}")
            found.append((run["command"], ON_FAILURE if "when" in run else ""))
        elif name in document["commands"]:
            found += _commands(document, document["commands"][name]["steps"])
        elif name not in _FILES:
            raise UnexpectedShape(f"a step that isn't known: {name}")
    return found
