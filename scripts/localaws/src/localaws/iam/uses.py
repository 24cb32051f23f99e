"""Which statements allowed which calls, so that people see what nothing has needed, and why the rest is there."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.iam.evaluation import Call
from localaws.iam.policy import Statement


@dataclass(frozen=True)
class Use:
    """A call that `statements` allowed, and the keys of its context that their conditions look at.

    `caller` is the ARN of a role or user, the name of a service, or `anonymous`.
    """

    caller: str
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]
    statements: tuple[Statement, ...]

    def report(self) -> dict[str, Any]:
        """What `localaws iam --json` shows of it."""
        return {
            "caller": self.caller,
            "action": self.action,
            "resource": self.resource,
            "context": {key: list(values) for key, values in sorted(self.context.items())},
            "statements": [{"policy": each.policy, "sid": each.sid} for each in self.statements],
        }


@dataclass
class Uses:
    """The first call of each caller, action and set of statements, so there are as many as the policies make."""

    _found: dict[tuple[str, str, tuple[tuple[str, str], ...]], Use] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, call: Call, statements: tuple[Statement, ...]) -> None:
        """Keep an allowed call, if it's the first of its kind."""
        caller = call.principal.arn or call.principal.name
        kind = caller, call.action, tuple((each.policy, each.sid) for each in statements)
        with self._lock:
            if kind not in self._found:
                looked_at = {condition.key.lower() for each in statements for condition in each.conditions}
                context = {key: values for key, values in call.context.items() if key in looked_at}
                self._found[kind] = Use(caller, call.action, call.resource, context, statements)

    def all(self) -> list[Use]:
        """Every kind of call so far, in the order in which they first came."""
        with self._lock:
            return list(self._found.values())

    def has(self, statement: Statement) -> bool:
        """Whether a statement has allowed a call."""
        wanted = statement.policy, statement.sid
        return any(wanted in statements for _, _, statements in list(self._found))
