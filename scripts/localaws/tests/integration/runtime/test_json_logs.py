"""Functions that log JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import MakePool

LOGS = """
    import logging
    logger = logging.getLogger()
    def handler(event, context):
        logger.debug("too little")
        logger.warning("watch %s", "out", extra={"row": 7})
        return "fine"
"""


def test_the_runtime_and_the_platform_log_json(make_pool: MakePool) -> None:
    invocation = make_pool(LOGS, json_logs=True, log_level="INFO").invoke(b"{}")
    lines = [json.loads(line.message) for line in invocation.log]
    assert [line.get("type", line.get("level")) for line in lines] == ["platform.start", "WARNING", "platform.report"]
    start, warning, report = lines
    assert start["record"] == {"requestId": invocation.request_id, "version": "$LATEST"}
    assert (warning["message"], warning["row"], warning["requestId"]) == ("watch out", 7, invocation.request_id)
    assert report["record"]["status"] == "success"
    assert report["record"]["metrics"]["maxMemoryUsedMB"] == invocation.max_memory_mb


def test_the_report_of_a_failed_invocation_has_the_error(make_pool: MakePool) -> None:
    source = "import os\ndef handler(event, context): os._exit(1)"
    log = make_pool(source, json_logs=True).invoke(b"{}").log
    assert json.loads(log[-1].message)["record"]["status"] == "error"
