"""The deployed functions as the SAM CLI needs them: by logical id, with their environment variables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from localaws.samlocal.network import HOST

_HERE = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Deployed:
    """One function: its name, its log group, and its environment variables for a container."""

    name: str
    log_group: str
    variables: Mapping[str, str]


def deployed_functions(cloudformation: Any, lambda_: Any, stack: str, endpoint: str) -> dict[str, Deployed]:
    """Logical id → function, for each function of a stack on local AWS at `endpoint`."""
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    found = {}
    for resource in resources:
        if resource["ResourceType"] != "AWS::Lambda::Function":
            continue
        settings = lambda_.get_function_configuration(FunctionName=resource["PhysicalResourceId"])
        variables = settings.get("Environment", {}).get("Variables", {}) | {"AWS_ENDPOINT_URL": endpoint}
        seen = {name: from_container(value) for name, value in variables.items()}
        group = settings["LoggingConfig"]["LogGroup"]
        found[resource["LogicalResourceId"]] = Deployed(settings["FunctionName"], group, seen)
    return found


def from_container(value: str) -> str:
    """Convert the address of a server of this machine to one for containers; other values are unchanged."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or parts.hostname not in _HERE or not parts.port:
        return value
    return urlunsplit(parts._replace(netloc=f"{HOST}:{parts.port}"))


def local_ports(functions: Mapping[str, Deployed]) -> set[int]:
    """The ports of this machine in the functions' environment variables."""
    addresses = (urlsplit(value) for function in functions.values() for value in function.variables.values())
    return {address.port for address in addresses if address.hostname == HOST and address.port}


def write_variables(functions: Mapping[str, Deployed], file: Path) -> Path:
    """The file for `sam local --env-vars`."""
    file.write_text(json.dumps({logical_id: dict(each.variables) for logical_id, each in functions.items()}, indent=2))
    return file
