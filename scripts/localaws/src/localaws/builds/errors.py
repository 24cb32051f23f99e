"""Errors of builds; each message has the cause and how to fix it."""

from localaws.errors import LocalAwsError


class BuildFailed(LocalAwsError):
    """A layer, an image or the managed runtime couldn't be built; the message has the tool's output."""


class UnsupportedDockerfile(LocalAwsError):
    """A Dockerfile has instructions that can't be built without Docker.

    `refusals` has one message per instruction, each with its line number.
    """

    def __init__(self, dockerfile: str, refusals: tuple[str, ...]) -> None:
        listed = "\n".join(f"  {refusal}" for refusal in refusals)
        super().__init__(
            f"{dockerfile} can't be built without Docker:\n{listed}\n"
            "Change these lines, or run the function with `sam local` and Docker."
        )
        self.refusals = refusals
