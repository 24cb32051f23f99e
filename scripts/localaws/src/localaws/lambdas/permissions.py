"""The policies of functions, of which moto leaves out what says who may call, and how.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.awslambda.policy import Policy

from localaws.moto_patches import MotoPatches

# A parameter of AddPermission → the operator and the key of the condition that it stands for.
_CONDITIONS = {
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def install(patches: MotoPatches) -> None:
    """Make statements that name accounts, roles and users, with the conditions of function URLs."""
    patches.replace(Policy, "decode_policy", _decoding)


def _decoding(original: Callable[..., Any]) -> Callable[..., Any]:
    def decode_policy(policy: Any, given: dict[str, Any]) -> Any:
        found = {name: given.pop(name) for name in _CONDITIONS if name in given}
        principal = given.get("Principal")
        if isinstance(principal, str) and principal != "*" and not principal.endswith(".amazonaws.com"):
            given["Principal"] = {"AWS": principal}
        decoded = original(policy, given)
        for name, value in found.items():
            operator, key = _CONDITIONS[name]
            text = str(value).lower() if isinstance(value, bool) else str(value)
            decoded.statements[-1].setdefault("Condition", {}).setdefault(operator, {})[key] = text
        return decoded

    return decode_policy
