"""What of one local AWS is kept in a folder, and what isn't."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from moto.backends import get_backend

from localaws.clients import LocalClients
from localaws.cloudformation.service import CloudFormation
from localaws.generated_names import Names
from localaws.services import Services
from localaws.settings import ACCOUNT
from localaws.state.deployments import Deployments
from localaws.state.folder import Folder
from localaws.state.function_versions import FunctionVersions
from localaws.state.keeper import Keeper, owned_names
from localaws.state.machines import StepFunctions
from localaws.state.part import Part
from localaws.state.schedules import Schedules
from localaws.state.unkept import Unkept


def open_keeper(
    root: Path, services: Services, clients: LocalClients, cloudformation: CloudFormation, names: Names
) -> Keeper:
    """The keeper of a local AWS in the folder `root`; raises LocalAwsError if another one uses it."""
    folder = Folder(root)
    parts: dict[str, Part] = {
        "stepfunctions": StepFunctions(services.machines, services.activities, services.engine, services.clock, folder),
        "codedeploy": Deployments(services.codedeploy),
        "function_versions": FunctionVersions(services.numbers),
        "schedules": Schedules(services.beginnings, services.region),
        "unkept": _unkept(services, cloudformation),
    }
    return Keeper(folder, clients, cloudformation, names, services.region, services.streams, services.log_events, parts)


def _unkept(services: Services, cloudformation: CloudFormation) -> Unkept:
    alarms = services.cloudwatch.alarms

    def backend(service: str, region: str = services.region) -> Any:
        backends: Any = get_backend(service)  # type: ignore[call-overload]
        return backends[ACCOUNT][region]

    counts = {
        "metrics": lambda: len(services.metrics.metrics(services.clock.now())),
        "changes of alarms": lambda: sum(alarm.changes for alarm in alarms.all()),
        "durable executions that ran": services.executions.running,
        "jobs of AWS Batch": lambda: len(services.jobs.all()),
        "tasks of ECS": lambda: len(services.tasks.all()),
        "requests that usage plans counted": services.rest.limits.counted,
        "asynchronous calls that waited": lambda: services.invoker.waiting,
    }
    resources = {
        "functions": lambda: [function.function_name for function in backend("lambda").list_functions()],
        "topics": lambda: list(backend("sns").topics),
        "rules": lambda: list(backend("events").event_buses["default"].rules),
        "alarms": lambda: [alarm.definition.name for alarm in alarms.all()],
        "HTTP APIs": lambda: list(backend("apigatewayv2").apis),
        "API keys": lambda: list(services.rest.store.keys),
        "REST APIs": lambda: list(services.rest.store.apis),
        "Firehose streams": services.streams.names,
        "roles": lambda: [role.name for role in backend("iam", "aws").roles.values()],
        "users": lambda: list(backend("iam", "aws").users),
    }
    return Unkept(counts, resources, partial(owned_names, cloudformation))
