"""Runs deployments as time passes; an entry of the timetable.

Requests only create deployments, answer hooks and ask for stops; the timetable's thread does everything else. Sources:
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-lambda.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from localaws.clock import Clock
from localaws.codedeploy.appspec import ALLOW, read_appspec
from localaws.codedeploy.configs import DeploymentConfig
from localaws.codedeploy.deployment import (
    CREATED,
    FAILED,
    IN_PROGRESS,
    ON_ALARM,
    ON_FAILURE,
    ON_REQUEST,
    PENDING,
    STOPPED,
    SUCCEEDED,
    Deployment,
    LifecycleEvent,
    new_id,
)
from localaws.codedeploy.errors import (
    DeploymentAlreadyCompleted,
    DeploymentDoesNotExist,
    DeploymentLimitExceeded,
    InvalidHookExecutionId,
    LifecycleEventAlreadyCompleted,
)
from localaws.codedeploy.groups import Group
from localaws.codedeploy.reports import Reports
from localaws.codedeploy.role import Refused, ServiceRole

logger = logging.getLogger(__name__)
# How long a hook may take to answer, and how often alarms are looked at; in seconds.
HOOK_TIMEOUT = 3600.0
ALARM_INTERVAL = 10.0


class Deployments:
    """All deployments of one region. `changed` makes the timetable look again."""

    def __init__(self, clock: Clock, changed: Callable[[], None], role: ServiceRole, reports: Reports) -> None:
        self._clock, self._changed, self._role, self._reports = clock, changed, role, reports
        self._lock = threading.RLock()
        self._deployments: dict[str, Deployment] = {}

    def create(
        self,
        group: Group,
        config: DeploymentConfig,
        revision: Mapping[str, Any],
        text: str,
        creator: str,
        *,
        alarms: Mapping[str, Any],
        rollback: Mapping[str, Any],
        description: str = "",
    ) -> Deployment:
        """Create a deployment of the AppSpec file `text`; a group has one active deployment at a time."""
        appspec = read_appspec(text)
        with self._lock:
            active = next(
                (each for each in self._deployments.values() if each.group is group and not each.has_ended), None
            )
            if active:
                raise DeploymentLimitExceeded(
                    f"The Deployment Group '{group.name}' already has an active Deployment '{active.deployment_id}'"
                )
            now = self._clock.now()
            deployment = Deployment(
                new_id(), group, config, appspec, revision, creator, now, now, alarms, rollback, description
            )
            self._deployments[deployment.deployment_id] = deployment
        self._changed()
        return deployment

    def find(self, deployment_id: str) -> Deployment:
        """A deployment by its id."""
        found = self._deployments.get(deployment_id)
        if found is None:
            raise DeploymentDoesNotExist(f"The deployment {deployment_id} could not be found")
        return found

    def all(self) -> list[Deployment]:
        """All deployments, the latest first."""
        return list(self._deployments.values())[::-1]

    def restore(self, deployments: Iterable[Deployment]) -> None:
        """Add deployments that have ended, as the oldest."""
        with self._lock:
            self._deployments = {each.deployment_id: each for each in deployments} | self._deployments

    def answer(self, deployment_id: str, execution_id: str, status: str) -> None:
        """Take the answer of a hook: Succeeded or Failed."""
        with self._lock:
            deployment = self.find(deployment_id)
            event = next((each for each in deployment.events if each.execution_id == execution_id), None)
            if event is None or not event.hook:
                raise InvalidHookExecutionId(f"The deployment has no hook execution {execution_id}.")
            if event.status != IN_PROGRESS or deployment.has_ended:
                raise LifecycleEventAlreadyCompleted(f"The lifecycle event {event.name} has ended.")
            now = self._clock.now()
            failure = ("ScriptFailed", f"The validation function {event.hook} returned {FAILED}.")
            event.end(status, now, failure if status == FAILED else None)
            deployment.due = now
        self._changed()

    def request_stop(self, deployment_id: str, rolls_back: bool | None) -> str:
        """Ask for the stop of a deployment; returns Pending, or Succeeded if it has stopped already."""
        with self._lock:
            deployment = self.find(deployment_id)
            if deployment.status == STOPPED:
                return SUCCEEDED
            if deployment.has_ended:
                raise DeploymentAlreadyCompleted(f"The deployment {deployment_id} is already complete")
            deployment.stop = deployment.rolls_back_on(ON_REQUEST) if rolls_back is None else rolls_back
            deployment.due = self._clock.now()
        self._changed()
        return PENDING

    def forget_all(self) -> None:
        """Delete all deployments; nothing of an active one happens any more."""
        with self._lock:
            self._deployments.clear()

    def next_due(self, after: float) -> float | None:
        """When the next deployment goes on."""
        with self._lock:
            moments = [max(after, each.due) for each in self._deployments.values() if not each.has_ended]
        return min(moments, default=None)

    def run(self, moment: float) -> None:
        """Go on with the deployments that are due."""
        with self._lock:
            due = [each for each in self._deployments.values() if not each.has_ended and each.due <= moment]
        for deployment in due:
            try:
                self._go_on(deployment, moment)
            except Refused as error:
                self._fail(deployment, moment, (error.code, str(error)))
            except Exception as error:
                # It would be due again and again.
                logger.exception("Deployment %s failed.", deployment.deployment_id)
                self._end(deployment, FAILED, moment, ("INTERNAL_ERROR", repr(error)))

    def _go_on(self, deployment: Deployment, moment: float) -> None:
        if deployment.stop is not None:
            error = ("MANUAL_STOP", "The deployment was stopped.")
            self._end(deployment, STOPPED, moment, error, rolls_back=deployment.stop)
            return
        if self._is_alarmed(deployment, moment):
            return
        if deployment.status == CREATED:
            deployment.status, deployment.started = IN_PROGRESS, moment
            self._reports.changed(deployment)
            self._role.check(deployment)
        with self._lock:
            # A stop that has been requested in the meantime is due now.
            deployment.due = moment if deployment.stop is not None else _next_look(deployment, moment)
        for event in deployment.events:
            if event.status in (PENDING, IN_PROGRESS) and not self._advance(deployment, event, moment):
                return
            if event.status == FAILED:
                self._fail(deployment, moment, ("HOOK_EXECUTION_FAILURE", event.error[1] if event.error else ""))
                return
        self._end(deployment, SUCCEEDED, moment)

    def _is_alarmed(self, deployment: Deployment, moment: float) -> bool:
        """Whether an alarm stops a deployment."""
        active = self._role.active_alarms(deployment)
        if active:
            message = (
                "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and "
                f"the affected deployments have been stopped. Activated alarms: <{', '.join(active)}>"
            )
            rolls_back = deployment.rolls_back_on(ON_ALARM)
            self._end(deployment, STOPPED, moment, ("ALARM_ACTIVE", message), rolls_back=rolls_back)
        return bool(active)

    def _advance(self, deployment: Deployment, event: LifecycleEvent, moment: float) -> bool:
        """Go on with a lifecycle event; returns whether it has ended."""
        if event.status == PENDING:
            event.start(moment)
            if event.hook:
                self._role.invoke(deployment, event)
        begun = event.started if event.started is not None else moment
        if event.name == ALLOW:
            return self._shift(deployment, event, begun, moment)
        if not event.hook:
            event.end(SUCCEEDED, moment)
            return True
        with self._lock:
            if event.status == IN_PROGRESS and moment >= begun + HOOK_TIMEOUT:
                message = f"The validation function {event.hook} didn't return a status within one hour."
                event.end(FAILED, moment, ("ScriptTimedOut", message))
            if event.status == IN_PROGRESS:
                deployment.due = min(deployment.due, begun + HOOK_TIMEOUT)
        return event.status != IN_PROGRESS

    def _shift(self, deployment: Deployment, event: LifecycleEvent, begun: float, moment: float) -> bool:
        """Give the new version the share that's due; returns whether it has all of the traffic."""
        shifts = deployment.config.shifts
        weight = max(share for offset, share in shifts if begun + offset <= moment)
        spec = deployment.appspec
        if weight != deployment.weight:
            if weight == 1:
                self._role.route(deployment, spec.target, {})
            else:
                self._role.route(deployment, spec.current, {spec.target: weight})
            deployment.weight = weight
        if weight == 1:
            event.end(SUCCEEDED, moment)
            return True
        deployment.due = min(deployment.due, *(begun + offset for offset, _ in shifts if begun + offset > moment))
        return False

    def _fail(self, deployment: Deployment, moment: float, error: tuple[str, str]) -> None:
        self._end(deployment, FAILED, moment, error, rolls_back=deployment.rolls_back_on(ON_FAILURE))

    def _end(
        self,
        deployment: Deployment,
        status: str,
        moment: float,
        error: tuple[str, str] | None = None,
        *,
        rolls_back: bool = False,
    ) -> None:
        """End a deployment; who sees its end sees the rollback that follows too."""
        with self._lock:
            rollback = deployment.rollback_at(moment) if rolls_back else None
            if rollback:
                self._deployments[rollback.deployment_id] = rollback
            deployment.end(status, moment, error)
        self._reports.changed(deployment)
        if rollback:
            self._reports.changed(rollback)
            self._roll_back(rollback, moment)

    def _roll_back(self, rollback: Deployment, moment: float) -> None:
        try:
            for event in rollback.events:
                self._advance(rollback, event, moment)
        except Refused as error:
            self._end(rollback, FAILED, moment, (error.code, str(error)))
        else:
            self._end(rollback, SUCCEEDED, moment)


def _next_look(deployment: Deployment, moment: float) -> float:
    """When the alarms of a deployment are looked at next."""
    return (moment // ALARM_INTERVAL + 1) * ALARM_INTERVAL if deployment.alarm_names else float("inf")
