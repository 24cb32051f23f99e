"""Step Functions' API: activities, and what workers report of tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from localaws.stepfunctions.activities import Activity
from localaws.stepfunctions.base_api import BaseApi
from localaws.stepfunctions.engine import moment
from localaws.stepfunctions.errors import InvalidArn, InvalidOutput, InvalidToken, TaskTimedOut
from localaws.stepfunctions.language.json_texts import parse_json
from localaws.stepfunctions.tokens import TokenEnded, UnknownToken


class ActivitiesApi(BaseApi):
    """The operations on activities and task tokens."""

    def create_activity(self) -> ActionResult:
        """CreateActivity."""
        self._refuse_encryption("an activity")
        tags = {tag["key"]: tag["value"] for tag in self.params.get("tags") or []}
        activity = self.activities.create(self.params["name"], tags, self.clock.now())
        return ActionResult({"activityArn": activity.arn, "creationDate": moment(activity.created)})

    def describe_activity(self) -> ActionResult:
        """DescribeActivity."""
        return ActionResult(_described(self.activities.find(_checked(self.params["activityArn"]))))

    def list_activities(self) -> ActionResult:
        """ListActivities."""
        return self._page("activities", [_described(activity) for activity in self.activities.all()])

    def delete_activity(self) -> ActionResult:
        """DeleteActivity: workers that wait for a task get none."""
        arn = _checked(self.params["activityArn"])
        self.activities.delete(arn)
        self.engine.dismiss_workers(arn)
        return EmptyResult()

    def get_activity_task(self) -> ActionResult:
        """GetActivityTask: waits for a task for a minute, by the machine's clock; its token is missing if none came."""
        task = self.engine.activity_task(_checked(self.params["activityArn"]), self.params.get("workerName"))
        return ActionResult({"taskToken": task.token, "input": task.input} if task else {})

    def send_task_success(self) -> ActionResult:
        """SendTaskSuccess."""
        try:
            output = parse_json(self.params["output"])
        except ValueError as error:
            raise InvalidOutput(f"Invalid Output: '{error}'") from None
        return self._report(lambda: self.engine.succeed(self.params["taskToken"], output))

    def send_task_failure(self) -> ActionResult:
        """SendTaskFailure."""
        error, cause = self.params.get("error"), self.params.get("cause")
        return self._report(lambda: self.engine.fail(self.params["taskToken"], error, cause))

    def send_task_heartbeat(self) -> ActionResult:
        """SendTaskHeartbeat."""
        return self._report(lambda: self.engine.beat(self.params["taskToken"]))

    def _report(self, report: Callable[[], None]) -> ActionResult:
        try:
            report()
        except UnknownToken as error:
            raise InvalidToken(f"Invalid Token: '{error}'") from None
        except TokenEnded as error:
            raise TaskTimedOut(str(error)) from None
        return EmptyResult()


def _checked(arn: str) -> str:
    if ":activity:" not in arn:
        raise InvalidArn(f"Invalid Arn: '{arn}'")
    return arn


def _described(activity: Activity) -> dict[str, Any]:
    return {"activityArn": activity.arn, "name": activity.name, "creationDate": moment(activity.created)}
