"""`.github/workflows/ci.yml` → steps."""

from typing import Any

from tests.unit.pipelines.plan import APPROVAL, ON_FAILURE, Step, UnexpectedShape, in_order, read_yaml

FILE = ".github/workflows/ci.yml"
REVIEWED = ("prod",)
"""Environments whose required reviewers approve; the repository's settings have them, so the file can't say it."""
_PUSH = "${{ github.event_name == 'push' }}"


def expand() -> list[Step]:
    """The steps of all jobs, each after those that it needs."""
    jobs: dict[str, Any] = read_yaml(FILE)["jobs"]  # type: ignore[assignment]
    main = {name for name, job in jobs.items() if job.get("if") == _PUSH}
    order = in_order({name: _needs(job) for name, job in jobs.items()})
    steps: list[Step] = []
    for name in order:
        job = jobs[name]
        if job.get("if") not in (None, _PUSH):
            raise UnexpectedShape(f"{name} has a condition that isn't known: {job['if']}")
        # A job is skipped where one that it needs is.
        if _needs(job) & main:
            main.add(name)
        if job.get("environment") in REVIEWED:
            steps.append(Step(name, "", APPROVAL, name in main))
        for part in _parts(job):
            for step in job["steps"]:
                if "run" in step:
                    steps.append(Step(name, _fill(step["run"], part), _condition(step), name in main))
    return steps


def actions() -> list[str]:
    """What the workflow uses, such as actions/checkout@<commit>."""
    jobs: dict[str, Any] = read_yaml(FILE)["jobs"]  # type: ignore[assignment]
    return [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]


def _needs(job: dict[str, Any]) -> set[str]:
    needs = job.get("needs", [])
    return {needs} if isinstance(needs, str) else set(needs)


def _parts(job: dict[str, Any]) -> list[str]:
    return job.get("strategy", {}).get("matrix", {"part": [""]})["part"]  # type: ignore[no-any-return]


def _fill(command: str, part: str) -> str:
    return command.replace("${{ matrix.part }}", part)


def _condition(step: dict[str, Any]) -> Any:
    if "if" not in step:
        return ""
    if step["if"] != "${{ failure() }}":
        raise UnexpectedShape(f"{step} has a condition that isn't known")
    return ON_FAILURE
