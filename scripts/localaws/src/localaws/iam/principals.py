"""Who calls, and which Principal elements name them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# Some services may be named by region: `logs.us-east-1.amazonaws.com`.
_REGION = re.compile(r"\.[a-z]{2}(-[a-z]+)+-\d\.")
type Named = Literal["itself", "role", "account", "everybody"]


@dataclass(frozen=True)
class Principal:
    """Who calls: a role's session (`arn` is the role's, `session` the session's), a user, an account, or a service.

    `service` is such as `events.amazonaws.com`, and then there's no ARN. An anonymous caller has none of these.
    """

    account: str
    arn: str = ""
    session: str = ""
    service: str = ""

    @property
    def name(self) -> str:
        """As error messages have it."""
        return self.service or self.session or self.arn or "anonymous"

    @property
    def has_policies(self) -> bool:
        """Whether policies of its own say what it may do; otherwise those of resources do alone."""
        return bool(self.account) and not self.service

    def named(self, principals: Mapping[str, tuple[str, ...]]) -> Named | None:
        """How a Principal element names this one: most directly first; None if it doesn't."""
        if self.service:
            named = {_REGION.sub(".", name) for name in principals.get("Service", ())}
            return "itself" if self.service in named else self._everybody(principals)
        names = principals.get("AWS", ())
        if (self.session or self.arn) in names:
            return "itself"
        if self.session and self.arn in names:
            return "role"
        if self.account in names or f"arn:aws:iam::{self.account}:root" in names:
            return "account"
        return self._everybody(principals)

    @staticmethod
    def _everybody(principals: Mapping[str, tuple[str, ...]]) -> Named | None:
        return "everybody" if "*" in principals.get("AWS", ()) else None


# Who sends a request that isn't signed.
ANONYMOUS = Principal("")
