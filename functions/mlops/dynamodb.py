"""DynamoDB, as much of it as the tables of keys and events need."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mlops.errors.authorization import TableUnavailable
from mlops.json_service import Credentials, JsonService


class DynamoDb(JsonService):
    """Calls DynamoDB; a call raises TableUnavailable."""

    def __init__(
        self,
        environ: Mapping[str, str],
        credentials: Credentials | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(
            environ,
            credentials,
            service="dynamodb",
            target="DynamoDB_20120810",
            content_type="application/x-amz-json-1.0",
            failure=TableUnavailable,
            now=now,
            sleep=sleep,
        )
