"""Pseudo parameters: values that every template can refer to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

from typing import Any


def pseudo_parameters(stack_name: str, stack_id: str, region: str, account: str) -> dict[str, Any]:
    """Their values for a stack; AWS::NoValue isn't one."""
    return {
        "AWS::AccountId": account,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackId": stack_id,
        "AWS::StackName": stack_name,
        "AWS::URLSuffix": "amazonaws.com",
    }
