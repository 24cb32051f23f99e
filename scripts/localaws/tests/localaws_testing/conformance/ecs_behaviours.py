"""What ECS does: the rows of the conformance table."""

from collections.abc import Mapping

ECS: Mapping[str, str] = {
    "ecs tasks": "a task of Fargate runs the entry point of its image, built as those of functions, as a process",
    "ecs overrides": "`RunTask` overrides command, environment, size and roles",
    "ecs logs": "the driver `awslogs` writes standard output and errors to the stream `prefix/container/task`",
    "ecs exit codes": "the exit code of the container, and `EssentialContainerExited`",
    "ecs stopping": "`StopTask` sends SIGTERM, and SIGKILL after `stopTimeout`",
    "ecs memory": "a task that takes more than its memory is killed, with `OutOfMemoryError` and the code 137",
    "ecs task roles": "a task has the credentials of its task role, and no others",
    "ecs execution roles": "pulling the image and logging need the execution role, and ECS must be trusted by both",
    "ecs unknown images": "an image that local AWS hasn't built doesn't start: `TaskFailedToStart`",
    "ecs client tokens": "a `clientToken` stands for one call of `RunTask`",
    "ecs lists": "`ListTasks` by family, `startedBy` and status",
    "ecs events": "`ECS Task State Change` events on the default bus",
    "ecs sizes": "CPU and memory must be a pair that Fargate has",
    "ecs refused definitions": "what Fargate doesn't take, or local AWS doesn't run, is refused by name",
    "ecs refused requests": "services, EC2, `ExecuteCommand` and other operations are refused by name",
}
