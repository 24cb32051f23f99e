"""The errors of CodeDeploy's API."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class AccessDenied(ServiceException):
    """The caller lacks a permission."""

    code = "AccessDeniedException"


class ApplicationAlreadyExists(ServiceException):
    """An application has the name already."""

    code = "ApplicationAlreadyExistsException"


class ApplicationDoesNotExist(ServiceException):
    """There's no such application."""

    code = "ApplicationDoesNotExistException"


class ArnNotSupported(ServiceException):
    """An ARN isn't one of an application or a deployment group."""

    code = "ArnNotSupportedException"


class DeploymentAlreadyCompleted(ServiceException):
    """A deployment has ended, and can't be stopped."""

    code = "DeploymentAlreadyCompletedException"


class DeploymentConfigAlreadyExists(ServiceException):
    """A deployment configuration has the name already."""

    code = "DeploymentConfigAlreadyExistsException"


class DeploymentConfigDoesNotExist(ServiceException):
    """There's no such deployment configuration."""

    code = "DeploymentConfigDoesNotExistException"


class DeploymentConfigInUse(ServiceException):
    """A deployment group uses the configuration."""

    code = "DeploymentConfigInUseException"


class DeploymentDoesNotExist(ServiceException):
    """There's no such deployment."""

    code = "DeploymentDoesNotExistException"


class DeploymentGroupAlreadyExists(ServiceException):
    """A deployment group of the application has the name already."""

    code = "DeploymentGroupAlreadyExistsException"


class DeploymentGroupDoesNotExist(ServiceException):
    """There's no such deployment group."""

    code = "DeploymentGroupDoesNotExistException"


class DeploymentLimitExceeded(ServiceException):
    """Another deployment of the group is active."""

    code = "DeploymentLimitExceededException"


class DeploymentTargetDoesNotExist(ServiceException):
    """The deployment has no such target."""

    code = "DeploymentTargetDoesNotExistException"


class InvalidAlarmConfig(ServiceException):
    """An alarm configuration is invalid."""

    code = "InvalidAlarmConfigException"


class InvalidAutoRollbackConfig(ServiceException):
    """The configuration of automatic rollbacks is invalid."""

    code = "InvalidAutoRollbackConfigException"


class InvalidComputePlatform(ServiceException):
    """Local AWS deploys functions only."""

    code = "InvalidComputePlatformException"


class InvalidDeploymentStyle(ServiceException):
    """Functions are deployed blue/green with traffic control."""

    code = "InvalidDeploymentStyleException"


class InvalidHookExecutionId(ServiceException):
    """The id isn't that of a hook of the deployment."""

    code = "InvalidLifecycleEventHookExecutionIdException"


class InvalidHookExecutionStatus(ServiceException):
    """A hook answers Succeeded or Failed."""

    code = "InvalidLifecycleEventHookExecutionStatusException"


class InvalidInput(ServiceException):
    """A parameter is invalid, or local AWS doesn't support it."""

    code = "InvalidInputException"


class InvalidOperation(ServiceException):
    """The predefined configurations can't be deleted."""

    code = "InvalidOperationException"


class InvalidRevision(ServiceException):
    """A revision has no valid AppSpec file."""

    code = "InvalidRevisionException"


class InvalidRole(ServiceException):
    """CodeDeploy can't assume the service role."""

    code = "InvalidRoleException"


class InvalidTrafficRouting(ServiceException):
    """The traffic routing of a deployment configuration is invalid."""

    code = "InvalidTrafficRoutingConfigurationException"


class InvalidTriggerConfig(ServiceException):
    """A trigger is invalid."""

    code = "InvalidTriggerConfigException"


class LifecycleEventAlreadyCompleted(ServiceException):
    """A hook has answered already, or its deployment has ended."""

    code = "LifecycleEventAlreadyCompletedException"


class RevisionRequired(ServiceException):
    """A deployment needs a revision."""

    code = "RevisionRequiredException"
