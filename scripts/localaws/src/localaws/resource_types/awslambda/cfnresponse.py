"""The module that AWS adds to inline code, for custom resources to `import cfnresponse`."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(
    event: dict[str, Any],
    context: Any,
    responseStatus: str,  # noqa: N803
    responseData: dict[str, Any],  # noqa: N803
    physicalResourceId: str | None = None,  # noqa: N803
    noEcho: bool = False,  # noqa: N803
    reason: str | None = None,
) -> None:
    """Send the response to CloudFormation."""
    answer = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    content, headers = json.dumps(answer).encode(), {"content-type": ""}
    request = urllib.request.Request(event["ResponseURL"], content, headers, method="PUT")  # noqa: S310
    # The URL comes from CloudFormation.
    with urllib.request.urlopen(request):  # noqa: S310
        pass
