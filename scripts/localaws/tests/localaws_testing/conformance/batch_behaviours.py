"""What AWS Batch does: the rows of the conformance table."""

from collections.abc import Mapping

BATCH: Mapping[str, str] = {
    "batch jobs": "a job runs the entry point of its image with its command, as a task of ECS on Fargate",
    "batch overrides": "`SubmitJob` overrides command, environment, size, parameters, retries and timeout",
    "batch logs": "a job logs to `/aws/batch/job`, or the group of its definition, in `prefix/default/task`",
    "batch variables": "a job has the variables `AWS_BATCH_…`, and no definition can have others of such names",
    "batch parameters": "`Ref::name` in the command is the value of a parameter",
    "batch exit codes": "a job succeeds with the code 0, and fails with others",
    "batch retries": "`attempts` and `evaluateOnExit` decide whether a failed attempt is tried again",
    "batch timeouts": "an attempt that takes longer than its timeout is stopped, and isn't tried again",
    "batch ending": "`CancelJob` ends jobs that wait, `TerminateJob` those that run too: SIGTERM, and SIGKILL later",
    "batch dependencies": "a job is `PENDING` until those that it depends on have succeeded, and fails if one fails",
    "batch queues": "jobs wait for vCPUs in the order of their queue, those of the highest priority first",
    "batch arrays": "an array is a job for each index, and succeeds if all of them do",
    "batch lists": "`ListJobs` by queue or array and by status, in pages",
    "batch roles": "a job has the credentials of its role, which ECS must be trusted by",
    "batch rights": "who submits a job needs the right for the queue and the definition",
    "batch memory": "a job that takes more than its memory is killed, with `OutOfMemoryError` and the code 137",
    "batch events": "`Batch Job State Change` events on the default bus",
    "batch unknown images": "an image that local AWS hasn't built doesn't start: `Task failed to start`",
    "batch entry points": "an image whose entry point runs functions is refused, since definitions can't have another",
    "batch refused definitions": "what Batch doesn't take on Fargate, or local AWS doesn't run, is refused by name",
    "batch refused requests": "EC2, EKS, other dependencies, shares and other operations are refused by name",
}
