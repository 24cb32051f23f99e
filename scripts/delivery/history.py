"""The releases that a stage has had, in a parameter of Systems Manager: what a rollback goes back to."""

from typing import Any

KEPT = 20


class ReleaseHistory:
    """The commits that were deployed to a stack, oldest first; the last one is deployed now.

    A deployment that failed isn't among them: CloudFormation has put back what was before.
    """

    def __init__(self, ssm: Any, stack: str) -> None:
        self._ssm = ssm
        self.name = f"/mlops/{stack}/releases"

    def read(self) -> list[str]:
        """The commits; none before the first deployment."""
        try:
            value = self._ssm.get_parameter(Name=self.name)["Parameter"]["Value"]
        except self._ssm.exceptions.ParameterNotFound:
            return []
        return str(value).split(",")

    def add(self, commit: str) -> None:
        """Note a deployment; the same commit again changes nothing."""
        commits = self.read()
        if commits[-1:] != [commit]:
            self._write([*commits, commit])

    def drop_last(self) -> None:
        """Note that the last release was rolled back to the one before it."""
        self._write(self.read()[:-1])

    def _write(self, commits: list[str]) -> None:
        self._ssm.put_parameter(
            Name=self.name,
            Value=",".join(commits[-KEPT:]),
            Type="StringList",
            Overwrite=True,
        )
