"""The deployed stack (outputs, parameters, clients), and the options and consoles that all commands share."""

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import typer
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError

from cli.aws_clock import find_lead
from cli.console import Console
from cli.errors import CommandError
from cli.localaws import endpoint_of, killed_endpoint

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

_NO_STACK = "Deploy it (`sam deploy`), or run ./scripts/start; --stack or MLOPS_STACK names another stack."

StackOption = Annotated[
    str, typer.Option("--stack", envvar="MLOPS_STACK", help="The name of the CloudFormation stack.", show_default=True)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, kept in the history.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who decided; your user name by default.")]

# A pipe or a file has no width: tables are as wide there as they need to be.
console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 240)
progress_console = Console(stderr=True, soft_wrap=True, highlight=False)


def _place() -> str:
    """Which AWS the commands speak to."""
    endpoint = endpoint_of(os.environ)
    return f"local AWS, {endpoint}" if endpoint else f"AWS, region {boto3.session.Session().region_name}"


def _remedy() -> str:
    """What helps where there are no settings of an AWS."""
    killed = killed_endpoint()
    if killed is None:
        return _NO_STACK
    return (
        f"./scripts/start ran here, on {killed}, and was killed: nothing answers there. "
        "Run it again: it goes on from what it kept."
    )


@dataclass(frozen=True)
class Stack:
    """A deployed stack, looked up by name with the usual AWS settings (profile, region, AWS_ENDPOINT_URL).

    Once it's found, standard error says which AWS it's of, if `announce` is true.
    """

    name: str
    announce: bool = True

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs by key. Raises CommandError with the remedy if there is no such stack."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._description.get("Outputs", [])}

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters that the stack was deployed with. Raises as `outputs` does."""
        given = self._description.get("Parameters", [])
        return {parameter["ParameterKey"]: parameter.get("ParameterValue", "") for parameter in given}

    def now(self) -> datetime:
        """The time by AWS's clock, as far as it was ahead of this machine's when the stack was found. Raises as
        `outputs` does.
        """
        return datetime.now(UTC) + self._found[1]

    @property
    def _description(self) -> "StackTypeDef":
        return self._found[0]

    @cached_property
    def _found(self) -> "tuple[StackTypeDef, timedelta]":
        """The stack's description, and how far AWS's clock is ahead of this machine's."""
        try:
            answer = boto3.client("cloudformation").describe_stacks(StackName=self.name)
            lead = find_lead(answer["ResponseMetadata"]["HTTPHeaders"], datetime.now(UTC))
            if self.announce:
                progress_console.print(f"stack {self.name} of {_place()}", style="dim", markup=False)
            return answer["Stacks"][0], lead
        except NoRegionError:
            raise CommandError(
                f"No AWS region is set, so the stack {self.name!r} can't be looked up. {_remedy()}"
            ) from None
        except NoCredentialsError:
            raise CommandError(
                f"There are no AWS credentials to look up the stack {self.name!r}. {_remedy()}"
            ) from None
        except EndpointConnectionError:
            endpoint = endpoint_of(os.environ) or "AWS"
            raise CommandError(f"Nothing answers at {endpoint}. Is ./scripts/start running?") from None
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise CommandError(f"There is no stack named {self.name!r}. {_NO_STACK}") from None

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client. Raises as `outputs` does."""
        _ = self._description  # raises with a remedy where boto3 would only name the missing region or credentials
        return boto3.client("s3")

    @cached_property
    def dynamodb(self) -> Any:
        """The DynamoDB client. Raises as `outputs` does."""
        _ = self._description
        return boto3.client("dynamodb")

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """The CloudWatch Logs client. Raises as `outputs` does."""
        _ = self._description
        return boto3.client("logs")
