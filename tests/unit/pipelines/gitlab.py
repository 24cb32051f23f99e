"""`.gitlab-ci.yml` → steps."""

from typing import Any

from tests.unit.pipelines.plan import APPROVAL, ON_FAILURE, Step, UnexpectedShape, read_yaml

FILE = ".gitlab-ci.yml"
_MAIN = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
_GLOBAL = ("stages", "workflow", "default", "variables")


def expand() -> list[Step]:
    """The steps of all jobs, stage by stage, in a stage as they are written."""
    document: dict[str, Any] = read_yaml(FILE)
    jobs = {name: _extended(document, name) for name in document if name not in _GLOBAL and not name.startswith(".")}
    stages: list[str] = document["stages"]
    if unknown := {job["stage"] for job in jobs.values()} - set(stages):
        raise UnexpectedShape(f"stages that aren't listed: {unknown}")
    steps: list[Step] = []
    for stage in stages:
        for job in (job for job in jobs.values() if job["stage"] == stage):
            steps += _steps(stage, job)
    return steps


def image() -> str:
    """The image that the jobs run in."""
    document: dict[str, Any] = read_yaml(FILE)
    return str(document["default"]["image"])


def _steps(stage: str, job: dict[str, Any]) -> list[Step]:
    (rule,) = job.get("rules", [{}])
    if rule and rule["if"] != _MAIN:
        raise UnexpectedShape(f"a job of {stage} has a rule that isn't known: {rule}")
    when = rule.get("when", "on_success")
    if when not in ("on_success", "on_failure", "manual"):
        raise UnexpectedShape(f"a job of {stage} is run {when}")
    approval = [Step(stage, "", APPROVAL, bool(rule))] if when == "manual" else []
    condition = ON_FAILURE if when == "on_failure" else ""
    return approval + [
        Step(stage, command.replace("$PART", part), condition, bool(rule))
        for part in _parts(job)
        for command in job["script"]
    ]


def _parts(job: dict[str, Any]) -> list[str]:
    if "parallel" not in job:
        return [""]
    (matrix,) = job["parallel"]["matrix"]
    return matrix["PART"]  # type: ignore[no-any-return]


def _extended(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A job with what it extends."""
    job = document[name]
    return {**document[job["extends"]], **job} if "extends" in job else job
