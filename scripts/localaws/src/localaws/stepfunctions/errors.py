"""The errors of Step Functions' API."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class AccessDenied(ServiceException):
    """A role isn't trusted, or lacks a permission."""

    code = "AccessDeniedException"


class ActivityDoesNotExist(ServiceException):
    """There's no such activity."""

    code = "ActivityDoesNotExist"


class Conflict(ServiceException):
    """A version or an alias exists with other settings, or is in use."""

    code = "ConflictException"


class ExecutionAlreadyExists(ServiceException):
    """An execution has the name already, with another input, or has ended."""

    code = "ExecutionAlreadyExists"


class ExecutionDoesNotExist(ServiceException):
    """There's no such execution."""

    code = "ExecutionDoesNotExist"


class ExecutionNotRedrivable(ServiceException):
    """An execution can't go on where it failed."""

    code = "ExecutionNotRedrivable"


class InvalidArn(ServiceException):
    """An ARN isn't one of a state machine or an execution."""

    code = "InvalidArn"


class InvalidDefinition(ServiceException):
    """The definition of a state machine is invalid, or has parts that local AWS doesn't support."""

    code = "InvalidDefinition"


class InvalidExecutionInput(ServiceException):
    """The input of an execution isn't JSON."""

    code = "InvalidExecutionInput"


class InvalidLogging(ServiceException):
    """A logging configuration is invalid."""

    code = "InvalidLoggingConfiguration"


class InvalidName(ServiceException):
    """A name is invalid."""

    code = "InvalidName"


class InvalidOutput(ServiceException):
    """The output of a task isn't JSON."""

    code = "InvalidOutput"


class InvalidToken(ServiceException):
    """No task or page has this token."""

    code = "InvalidToken"


class MachineAlreadyExists(ServiceException):
    """A state machine with other settings has the name."""

    code = "StateMachineAlreadyExists"


class MachineDoesNotExist(ServiceException):
    """There's no such state machine."""

    code = "StateMachineDoesNotExist"


class MissingParameter(ServiceException):
    """A request needs one more parameter."""

    code = "MissingRequiredParameter"


class ResourceNotFound(ServiceException):
    """There's no such run of a Distributed Map, version, alias or tagged resource."""

    code = "ResourceNotFound"


class TaskTimedOut(ServiceException):
    """The task of a token has ended."""

    code = "TaskTimedOut"


class TooManyTags(ServiceException):
    """A resource would have more tags than it can."""

    code = "TooManyTags"


class TypeNotSupported(ServiceException):
    """The type of the state machine doesn't have this operation."""

    code = "StateMachineTypeNotSupported"


class Unreadable(ServiceException):
    """The body of a request isn't JSON."""

    code = "SerializationException"


class ValidationFailed(ServiceException):
    """A parameter has an invalid value, or one that local AWS doesn't support."""

    code = "ValidationException"
