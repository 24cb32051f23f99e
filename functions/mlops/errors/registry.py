"""Models, versions and aliases."""

from collections.abc import Sequence

from mlops.errors.base import MlopsError, shorten


class ModelNotFound(MlopsError):
    """No model of this name has a version."""

    def __init__(self, model: str) -> None:
        shown = shorten(model)
        super().__init__(f"There is no model named {shown!r}.")
        self.model = model


class VersionNotPublic(MlopsError):
    """A model version that failed gates, so that no request may name it."""

    def __init__(self, model: str, version: int, gates: Sequence[str]) -> None:
        super().__init__(
            f"Version {version} of {model!r} isn't public: it failed {', '.join(gates)}. It answers once a person "
            "promotes it, or where ServeRefusedVersions is true."
        )
        self.model = model
        self.version = version
        self.gates = tuple(gates)


class VersionNotFound(MlopsError):
    """A model version that was never completed."""

    def __init__(self, model: str, version: int) -> None:
        super().__init__(f"Model {model!r} has no version {version}.")
        self.model = model
        self.version = version


class KindMismatch(MlopsError):
    """A model version of another kind than what was asked of it is for."""

    def __init__(self, model: str, version: int, kind: str, wanted: str) -> None:
        super().__init__(f"Version {version} of {model!r} is of the kind {kind!r}, and this takes the kind {wanted!r}.")
        self.model = model
        self.version = version
        self.kind = kind
        self.wanted = wanted


class AliasNotFound(MlopsError):
    """An alias that points at no version yet."""

    def __init__(self, model: str, alias: str) -> None:
        super().__init__(f"Model {model!r} has no {alias}.")
        self.model = model
        self.alias = alias


class AliasInvalid(MlopsError):
    """An alias whose file isn't what was written."""

    def __init__(self, model: str, alias: str, reason: str) -> None:
        super().__init__(f"The {alias} of {model!r} can't be read: {reason}")
        self.model = model
        self.alias = alias
        self.reason = reason


class AliasMoved(MlopsError):
    """Somebody else moved the alias first: read it again, then decide again."""

    def __init__(self, model: str, alias: str) -> None:
        super().__init__(f"The {alias} of {model!r} was moved by somebody else in the meantime.")
        self.model = model
        self.alias = alias


class VersionRefused(MlopsError):
    """A version that failed a gate, and isn't promoted unless a person insists."""

    def __init__(self, model: str, version: int, reasons: Sequence[str]) -> None:
        super().__init__(f"Version {version} of {model!r} failed its gates: {'; '.join(reasons)}")
        self.model = model
        self.version = version
        self.reasons = tuple(reasons)


class VersionNotHeld(MlopsError):
    """A version that waits for no approval."""

    def __init__(self, model: str, version: int, *, accepted: bool) -> None:
        why = "it passed its gates" if accepted else "it failed gates that no approval changes"
        super().__init__(f"Version {version} of {model!r} waits for no approval: {why}.")
        self.model = model
        self.version = version


class NothingBefore(MlopsError):
    """A rollback of a champion that was the first."""

    def __init__(self, model: str, version: int) -> None:
        super().__init__(f"Version {version} of {model!r} is the first champion, so there is none to roll back to.")
        self.model = model
        self.version = version


class ArtifactInvalid(MlopsError):
    """A version's file that is missing, altered, or not what its manifest says."""

    def __init__(self, model: str, version: int, reason: str) -> None:
        super().__init__(f"Version {version} of {model!r} can't be used: {reason}")
        self.model = model
        self.version = version
        self.reason = reason


class ChallengeRefused(MlopsError):
    """A version that may not challenge the champion in this way."""

    def __init__(self, model: str, version: int, reason: str) -> None:
        super().__init__(f"Version {version} of {model!r} can't be the challenger: {reason}.")
        self.model = model
        self.version = version
        self.reason = reason


class CanaryRefused(MlopsError):
    """A version that can't be tried on a share of the champion's requests."""

    def __init__(self, model: str, version: int, reason: str) -> None:
        super().__init__(f"Version {version} of {model!r} can't be tried as a canary: {reason}.")
        self.model = model
        self.version = version
        self.reason = reason


class CanaryNotRunning(MlopsError):
    """A canary that was to be stopped, of a model that has none."""

    def __init__(self, model: str) -> None:
        super().__init__(f"No canary of {model!r} is running.")
        self.model = model
