"""Whether a failed attempt of a job is tried again.

https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.batch.errors import ClientError, only

MOST_ATTEMPTS = 10
_MOST_RULES = 5
_RULE = frozenset({"action", "onExitCode", "onReason", "onStatusReason"})
_EXIT_CODE = re.compile(r"[0-9]*\*?")
_TEXT = re.compile(r"[\w.:\s-]*\*?")


@dataclass(frozen=True)
class Failure:
    """How an attempt failed: its exit code, if it has one, the container's reason and the attempt's."""

    code: int | None
    reason: str
    status_reason: str


def check_strategy(strategy: Mapping[str, Any]) -> None:
    """Raise ClientError for a retry strategy that Batch doesn't take."""
    only(strategy, frozenset({"attempts", "evaluateOnExit"}), "retry strategies")
    attempts, rules = strategy.get("attempts"), strategy.get("evaluateOnExit") or []
    if attempts is not None and not 1 <= int(attempts) <= MOST_ATTEMPTS:
        raise ClientError(f"Error executing request, Exception : attempts must be from 1 to {MOST_ATTEMPTS}.")
    if rules and attempts is None:
        raise ClientError("Error executing request, Exception : evaluateOnExit needs attempts.")
    if len(rules) > _MOST_RULES:
        raise ClientError(f"Error executing request, Exception : evaluateOnExit has {_MOST_RULES} entries at most.")
    for rule in rules:
        only(rule, _RULE, "evaluateOnExit")
        if str(rule.get("action", "")).upper() not in ("RETRY", "EXIT"):
            raise ClientError("Error executing request, Exception : the action of evaluateOnExit is RETRY or EXIT.")
        for name, form in (("onExitCode", _EXIT_CODE), ("onReason", _TEXT), ("onStatusReason", _TEXT)):
            if not form.fullmatch(str(rule.get(name, ""))):
                raise ClientError(
                    f"Error executing request, Exception : {name} {rule[name]!r} isn't a pattern that Batch takes."
                )


def is_retried(strategy: Mapping[str, Any], attempt: int, failure: Failure) -> bool:
    """Whether attempt number `attempt`, from 1, is followed by another: the first rule that matches decides."""
    if attempt >= int(strategy.get("attempts") or 1):
        return False
    for rule in strategy.get("evaluateOnExit") or []:
        if _matches(rule, failure):
            return str(rule["action"]).upper() == "RETRY"
    return True


def _matches(rule: Mapping[str, Any], failure: Failure) -> bool:
    found = {
        "onExitCode": "" if failure.code is None else str(failure.code),
        "onReason": failure.reason,
        "onStatusReason": failure.status_reason,
    }
    return all(_fits(str(rule[name]), value) for name, value in found.items() if rule.get(name))


def _fits(pattern: str, text: str) -> bool:
    """Patterns may end in an asterisk; the rest is the text itself."""
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern
