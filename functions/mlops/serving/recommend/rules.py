"""The rules for what requests and feedback say of users, items and events, by a model's interaction contract."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mlops.artifact.identifiers import MAX_ID, spell_id
from mlops.errors.records import TruthInvalid
from mlops.errors.violations import Violation
from mlops.interactions import InteractionContract
from mlops.records.truths import check_moment
from mlops.serving.rows.texts import shorten


class Rules:
    """Checks the parts of requests and of feedback by a contract; each rule says what it misses."""

    def __init__(self, contract: InteractionContract, now: datetime) -> None:
        self._contract = contract
        self.now = now
        self.repeats_values = contract.user_privacy == "keep"
        """Whether errors may repeat names and values: where users' ids are private, one may be in a wrong place."""

    def identify(self, value: Any) -> str:
        """The id that a text or whole number spells. Raises ValueError."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError("must be text or a whole number")
        if isinstance(value, float) and not value.is_integer():
            raise ValueError("must be text or a whole number")
        spelled = spell_id(value, fold_case=self._contract.fold_case)
        if not spelled or len(spelled) > MAX_ID:
            raise ValueError(f"must have 1 to {MAX_ID} characters")
        return spelled

    def name_event(self, value: Any) -> str:
        """The event's name. Raises ValueError."""
        if not isinstance(value, str) or value not in self._contract.events:
            raise ValueError(f"must be one of {', '.join(self._contract.events)}")
        return value

    def rate(self, value: Any) -> float:
        """The rating. Raises ValueError."""
        rating = self._contract.rating
        if rating is None:
            raise ValueError("isn't taken: this model has no ratings")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not rating.minimum <= value <= rating.maximum:  # which no NaN is
            raise ValueError(f"must be a number from {rating.minimum:g} to {rating.maximum:g}")
        return float(value)

    def date(self, value: Any) -> int:
        """The time in ms since 1970. Raises ValueError."""
        try:
            return int(check_moment(value, self.now).timestamp() * 1000)
        except TruthInvalid as error:
            raise ValueError(error.reason) from None

    def read(
        self,
        given: Any,
        checks: Mapping[str, Callable[[Any], Any]],
        required: tuple[str, ...],
        row: int | None,
        violations: list[Violation],
    ) -> dict[str, Any]:
        """The checked members of an object; what is wrong with others is added to the violations."""
        if not isinstance(given, dict):
            known = ", ".join(checks)
            violations.append(Violation(rule="type", row=row, message=f"must be an object with the members {known}"))
            return {}
        for name in given:
            if name not in checks:
                shown = repr(shorten(name)) if self.repeats_values else "with another name"
                column = shorten(name) if self.repeats_values else None
                message = f"there is no member {shown}, only {', '.join(checks)}"
                violations.append(Violation(rule="unknown", row=row, column=column, message=message))
        found = {}
        for name, check in checks.items():
            value = given.get(name)
            if value is None:
                if name in required:
                    message = f"{name} is missing"
                    violations.append(Violation(rule="missing", row=row, column=name, message=message))
                continue
            try:
                found[name] = check(value)
            except ValueError as error:
                repeated = shorten(repr(value)) if self.repeats_values and not isinstance(value, list | dict) else None
                message = f"{name} {error}" + (f", not {repeated}" if repeated else "")
                violations.append(Violation(rule=name, row=row, column=name, message=message, value=repeated))
        return found
