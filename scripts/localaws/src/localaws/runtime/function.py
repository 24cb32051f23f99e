"""The configuration of a function version, and the result of an invocation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localaws.builds.image_files import Image
from localaws.iam.keys import Keys
from localaws.runtime.output import LogLine


@dataclass(frozen=True, kw_only=True)
class FunctionConfig:
    """A function version, as a sandbox needs it.

    A zip function has `code` (its folder), `packages` (folders of packages that its deployment package has too) and
    `layers` (their contents, in the template's order); an image function has `image`, and its `handler` may be None if
    the image has a CMD. `timeout` is in seconds, `memory` and `storage` (the size of /tmp) are in MB. `in_place`: the
    code may change, so it's checked for edits before each call. An init that takes longer than `init_seconds` is
    restarted on AWS, as part of the invocation: here it gets `timeout` in addition. `json_logs`: runtime and platform
    log JSON, the runtime from `log_level` on. `keys` are the credentials of its role.
    """

    name: str
    environment: Mapping[str, str]
    timeout: int
    memory: int
    region: str
    handler: str | None = None
    code: Path | None = None
    image: Image | None = None
    packages: tuple[Path, ...] = ()
    layers: tuple[Path, ...] = ()
    storage: int = 512
    in_place: bool = False
    version: str = "$LATEST"
    account: str = "123456789012"
    log_group: str | None = None
    init_seconds: float = 10.0
    json_logs: bool = False
    log_level: str | None = None
    keys: Keys = field(default_factory=Keys)

    def __post_init__(self) -> None:
        if (self.code is None) == (self.image is None):
            raise ValueError(f"function {self.name}: give either code or image")
        if self.image is not None and self.layers:
            raise ValueError(f"function {self.name}: an image function takes no layers")
        if not self.entry:
            raise ValueError(f"function {self.name}: it has no handler, and its image has no CMD")

    @property
    def entry(self) -> str:
        """The handler, as `module.function`."""
        return self.handler or (self.image.handler if self.image else None) or ""

    @property
    def arn(self) -> str:
        """The ARN of an unqualified call of this version."""
        suffix = "" if self.version == "$LATEST" else f":{self.version}"
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}{suffix}"

    @property
    def logs_to(self) -> str:
        """The log group of the function's output."""
        return self.log_group or f"/aws/lambda/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Call:
    """The payload of a call, and the values for the function's context."""

    request_id: str
    payload: bytes
    arn: str
    trace: str
    client_context: str | None = None


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """The result of a call: the payload as AWS would return it, and its log lines, including the platform's.

    `error` is `Unhandled` or None. Durations are in milliseconds; `init_ms` is None for a warm sandbox.
    """

    request_id: str
    payload: bytes
    error: str | None
    duration_ms: float
    billed_ms: int
    init_ms: float | None
    max_memory_mb: int
    log_stream: str
    log: tuple[LogLine, ...] = field(repr=False)
