"""In whose name a service delivers something."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sender:
    """A service, such as `events.amazonaws.com`, that acts for the resource `source` (an ARN), by `role` if it has one.

    Without a role the policy of what it delivers to must name the service.
    """

    service: str
    source: str
    role: str = ""
