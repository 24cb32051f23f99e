"""What the canary of a deployment showed, read from CodeDeploy and CloudWatch."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from mlops.release.hook import canary_of, find_target

# The logical ids that SAM gives to the API's application and deployment group.
_APPLICATION, _GROUP = "ServerlessDeploymentApplication", "ApiFunctionDeploymentGroup"


@dataclass(frozen=True)
class Canaries:
    """The deployments of a stack's API. The clients are boto3's."""

    cloudformation: Any
    codedeploy: Any
    cloudwatch: Any
    stack: str

    def latest(self) -> str | None:
        """The id of the latest deployment that succeeded; None before the first."""
        names = [self._physical_id(logical_id) for logical_id in (_APPLICATION, _GROUP)]
        if None in names:
            return None
        application, group = names
        found = self.codedeploy.list_deployments(
            applicationName=application, deploymentGroupName=group, includeOnlyStatuses=["Succeeded"]
        )["deployments"]
        return next(iter(found), None)

    def summary(self, deployment: str) -> str | None:
        """What the canary of a deployment showed, in one line; None if all traffic was shifted at once."""
        canary = canary_of(self.cloudwatch, find_target(self.codedeploy, deployment), self.stack)
        return canary.summary if canary else None

    def _physical_id(self, logical_id: str) -> str | None:
        """The name of a resource of the stack; None if there's no such stack or resource."""
        try:
            found = self.cloudformation.describe_stack_resource(StackName=self.stack, LogicalResourceId=logical_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            return None
        name: str = found["StackResourceDetail"]["PhysicalResourceId"]
        return name
