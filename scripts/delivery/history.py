"""What a stage has had, in parameters of Systems Manager: its releases, and who brought the latest."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

KEPT = 20
BY_HAND = "by hand"

type Outcome = Literal["begun", "failed", "unchanged", "released", "smoke-tested", "rolled back"]

# What each CI calls one run of a pipeline; a run that is repeated has another value.
_RUNS: dict[str, tuple[str, ...]] = {
    "github": ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
    "gitlab": ("CI_PIPELINE_ID",),
    "circleci": ("CIRCLE_WORKFLOW_ID",),
    "jenkins": ("BUILD_TAG",),
}


@dataclass(frozen=True)
class Deployment:
    """A deployment to a stage: the commit, the pipeline's run that began it, and what has become of it.

    It's `unchanged` if the stage had the commit before.
    """

    commit: str
    run: str
    outcome: Outcome

    def __str__(self) -> str:
        """As a person reads it."""
        return f"{self.commit} ({self.run}): {self.outcome}"


def name_run(environ: Mapping[str, str]) -> str:
    """The run of a CI's pipeline that this process is part of, such as `github 912-2`; `by hand` outside of one."""
    for server, variables in _RUNS.items():
        if environ.get(variables[0]):
            return f"{server} {'-'.join(environ[name] for name in variables if environ.get(name))}"
    return BY_HAND


class ReleaseHistory:
    """The commits that were deployed to a stack, oldest first; the last one is deployed now.

    A deployment that failed isn't among them: CloudFormation has put back what was before. `run` is whoever deploys
    now, and the latest deployment says whose it was: so a run takes back only what it brought itself.
    """

    def __init__(self, ssm: Any, stack: str, run: str = BY_HAND) -> None:
        self._ssm = ssm
        self._run = run
        self.name = f"/mlops/{stack}/releases"
        self.latest_name = f"/mlops/{stack}/latest-deployment"

    def read(self) -> list[str]:
        """The commits; none before the first deployment."""
        value = self._get(self.name)
        return value.split(",") if value else []

    def latest(self) -> Deployment | None:
        """The deployment that was begun last, whatever became of it; None before the first that left a record."""
        value = self._get(self.latest_name)
        return Deployment(**json.loads(value)) if value else None

    def begin(self, commit: str) -> None:
        """Note that a deployment begins: from now on it's the latest."""
        self._note(commit, "begun")

    def fail(self, commit: str) -> None:
        """Note that the deployment failed."""
        self._note(commit, "failed")

    def add(self, commit: str) -> None:
        """Note that the deployment succeeded; the same commit again is no other release."""
        commits = self.read()
        if commits[-1:] == [commit]:
            self._note(commit, "unchanged")
            return
        self._put(self.name, ",".join([*commits, commit][-KEPT:]), "StringList")
        self._note(commit, "released")

    def confirm(self) -> None:
        """Note that the smoke test of what this run released has passed: then it's kept."""
        latest = self.latest()
        if latest and (latest.run, latest.outcome) == (self._run, "released"):
            self._note(latest.commit, "smoke-tested")

    def drop_last(self) -> None:
        """Note that the last release was rolled back to the one before it."""
        *kept, last = self.read()
        self._put(self.name, ",".join(kept), "StringList")
        self._note(last, "rolled back")

    def reason_to_keep(self, commit: str) -> str | None:
        """Why a failure of this run takes back nothing; None if this run has released the commit, untested so far."""
        if self.read()[-1:] != [commit]:
            return f"{commit} isn't deployed"
        latest = self.latest()
        if latest == Deployment(commit, self._run, "released"):
            return None
        return (
            f"{commit} wasn't brought by this run ({self._run}); the latest deployment is {latest or 'not on record'}"
        )

    def _note(self, commit: str, outcome: Outcome) -> None:
        self._put(self.latest_name, json.dumps(asdict(Deployment(commit, self._run, outcome))), "String")

    def _get(self, name: str) -> str | None:
        try:
            value: str = self._ssm.get_parameter(Name=name)["Parameter"]["Value"]
        except self._ssm.exceptions.ParameterNotFound:
            return None
        return value

    def _put(self, name: str, value: str, kind: Literal["String", "StringList"]) -> None:
        self._ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)
