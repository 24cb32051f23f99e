"""The requests of simulated traffic: predictions, and the truth about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from cli.errors import CommandError
from cli.rows import Row
from mlops.contract import Contract
from simulation.population import Truth

ROWS_A_REQUEST = 50
TRUTHS_A_REQUEST = 500


@dataclass(frozen=True)
class Api:
    """The prediction API of a model."""

    client: httpx.Client
    model: str

    def describe(self) -> dict[str, Any]:
        """The model as the API describes it. Raises CommandError if there's no champion."""
        found: dict[str, Any] = self._answer("GET", f"/models/{self.model}")
        if found.get("contract") is None:
            raise CommandError(f"{self.model!r} has no version yet. Upload a dataset: scripts/mlops data put FILE.")
        return found

    def find_version(self) -> int:
        """The version that answers now; after a promotion that's another one within seconds."""
        return int(self._answer("GET", f"/v2/models/{self.model}")["versions"][0])

    def contract(self) -> Contract:
        """The champion's contract. Raises as `describe` does."""
        return Contract.model_validate(self.describe()["contract"])

    def predict(self, rows: Sequence[Row]) -> tuple[list[str], list[int]]:
        """Predict the rows; their prediction ids, and the versions that answered."""
        ids: list[str] = []
        versions: set[int] = set()
        for start in range(0, len(rows), ROWS_A_REQUEST):
            body = {"rows": rows[start : start + ROWS_A_REQUEST]}
            answer = self._answer("POST", f"/models/{self.model}/predict", body)
            ids += [prediction["prediction_id"] for prediction in answer["predictions"]]
            versions.add(answer["version"])
        return ids, sorted(versions)

    def tell(self, truths: Sequence[tuple[str, Truth]], at: datetime) -> None:
        """Send what was right about predictions, by their ids."""
        lines = [{"prediction_id": name, "truth": truth, "at": at.isoformat()} for name, truth in truths]
        for start in range(0, len(lines), TRUTHS_A_REQUEST):
            body = {"truths": lines[start : start + TRUTHS_A_REQUEST]}
            self._answer("POST", f"/models/{self.model}/feedback", body)

    def _answer(self, method: str, path: str, body: Any = None) -> Any:
        try:
            response = self.client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise CommandError(f"{self.client.base_url} doesn't answer: {error}") from error
        if not response.is_success:
            raise CommandError(f"{method} {path} answered {response.status_code}: {response.text[:500]}")
        return response.json()
