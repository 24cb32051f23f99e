"""The errors of ECS's API."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ClientError(ServiceException):
    """A request that ECS refuses: a missing task definition, a role that it may not assume."""

    code = "ClientException"


class AccessDenied(ServiceException):
    """Who asks lacks a permission."""

    code = "AccessDeniedException"


class ClusterNotFound(ServiceException):
    """There's no such cluster."""

    code = "ClusterNotFoundException"


class ClusterContainsTasks(ServiceException):
    """A cluster with running tasks can't be deleted."""

    code = "ClusterContainsTasksException"


class InvalidParameter(ServiceException):
    """A parameter has an invalid value, or one that local AWS doesn't support."""

    code = "InvalidParameterException"
