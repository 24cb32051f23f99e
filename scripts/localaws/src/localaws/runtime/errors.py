"""What can go wrong before a function runs; each error names its cause and the remedy."""

from localaws.errors import LocalAwsError


class RuntimeProblem(LocalAwsError):
    """Base of the errors of this package."""


class EmulatorMissing(RuntimeProblem):
    """AWS's Runtime Interface Emulator isn't installed, or doesn't run on this machine."""


class BuildFailed(RuntimeProblem):
    """A layer, an image or the managed runtime couldn't be built; the message carries the tool's output."""


class UnsupportedDockerfile(RuntimeProblem):
    """A Dockerfile asks for what can't be done without Docker.

    `refusals` holds one sentence an instruction, each with its line number.
    """

    def __init__(self, dockerfile: str, refusals: tuple[str, ...]) -> None:
        listed = "\n".join(f"  {refusal}" for refusal in refusals)
        super().__init__(
            f"{dockerfile} can't be built without Docker:\n{listed}\n"
            "Change these lines, or run the function with `sam local` and Docker."
        )
        self.refusals = refusals


class SandboxNotStarted(RuntimeProblem):
    """The emulator's process ended, or didn't answer, before a function could be invoked."""


class PoolClosed(RuntimeProblem):
    """The function was removed or replaced while the call waited or ran."""
