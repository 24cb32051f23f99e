"""Who may call, and how often."""

from mlops.errors.base import MlopsError, ServiceUnavailable


class TableUnavailable(ServiceUnavailable):
    """A table of DynamoDB didn't answer an operation."""

    what = "table"


class SecretUnavailable(ServiceUnavailable):
    """A secret of Secrets Manager can't be read."""

    what = "secret"


class NotAuthenticated(MlopsError):
    """A request without a key that can be used. The reason never contains the key."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This API needs a key, and {reason}. Send one as `Authorization: Bearer KEY`; "
            "`scripts/mlops keys create` makes one."
        )
        self.reason = reason


class NotSigned(MlopsError):
    """A request without a signature that was verified."""

    def __init__(self) -> None:
        super().__init__("This API takes requests that are signed by AWS's Signature Version 4 alone.")


class NotPermitted(MlopsError):
    """A request that its key doesn't allow."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The key doesn't allow this request: {reason}.")
        self.reason = reason


class TooManyRequests(MlopsError):
    """A caller who asks more often than the API allows; `seconds` from now the next request may pass."""

    def __init__(self, rate: float, seconds: float) -> None:
        super().__init__(f"A key may make {rate:g} requests a second on average, and this one has made more.")
        self.seconds = seconds


class KeysUnavailable(MlopsError):
    """The table of keys can't be read, so nobody is let through."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Keys can't be checked now: {reason}")
        self.reason = reason
