"""What Step Functions does: the rows of the conformance table."""

from collections.abc import Mapping

DATA_FLOW: Mapping[str, str] = {
    "states input path": "`InputPath` selects what a state gets",
    "states parameters": "`Parameters` are constants, paths and intrinsic functions, at any depth",
    "states parameter failures": "a parameter without a value is `States.ParameterPathFailure`, with AWS's message",
    "states result selector": "`ResultSelector` makes a new result of a task's, before `ResultPath`",
    "states result path": "`ResultPath` puts a result into the raw input, replaces it, or (null) drops the result",
    "states output path": "`OutputPath` selects what the next state gets",
    "states null paths": "null as an `InputPath` or `OutputPath` is `{}`",
    "states path failures": "an `InputPath` or `OutputPath` without a value is `States.Runtime`",
    "states context object": "`$$` is the context object: execution, state machine, state, task and item",
    "states reference paths": "a path of names and indices selects one value",
    "states jsonpath queries": "wildcards, slices, unions, descendants and filters select a list",
    "states variables": "`Assign` of states, choice rules and catchers sets variables, which later states read",
    "states variable scopes": "variables of a branch or an iteration are its own; those around it can be read",
    "states data limit": (
        "an output, or a task's parameters or result, over 256 KiB is `States.DataLimitExceeded`, "
        "which nothing catches but its name"
    ),
}
INTRINSICS: Mapping[str, str] = {
    "States.Array": "`States.Array`",
    "States.ArrayContains": "`States.ArrayContains`",
    "States.ArrayGetItem": "`States.ArrayGetItem`",
    "States.ArrayLength": "`States.ArrayLength`",
    "States.ArrayPartition": "`States.ArrayPartition`",
    "States.ArrayRange": "`States.ArrayRange`",
    "States.ArrayUnique": "`States.ArrayUnique`",
    "States.Base64Decode": "`States.Base64Decode`",
    "States.Base64Encode": "`States.Base64Encode`",
    "States.Format": "`States.Format`, with its escapes",
    "States.Hash": "`States.Hash` with MD5 and SHA-1, -256, -384 and -512",
    "States.JsonMerge": "`States.JsonMerge`, shallow as on AWS",
    "States.JsonToString": "`States.JsonToString`",
    "States.MathAdd": "`States.MathAdd`",
    "States.MathRandom": "`States.MathRandom`, with a seed too",
    "States.StringSplit": "`States.StringSplit`, at each of the characters",
    "States.StringToJson": "`States.StringToJson`",
    "States.UUID": "`States.UUID`",
    "intrinsic nesting": "functions are arguments of others",
    "intrinsic failures": "invalid arguments are `States.IntrinsicFailure`",
}
CHOICES: Mapping[str, str] = {
    "choice comparisons": "all comparisons of strings, numbers, booleans and timestamps; other types don't match",
    "choice path comparisons": "comparisons whose name ends in `Path` take the other side from a path",
    "choice type tests": "`IsNull`, `IsString`, `IsNumeric`, `IsBoolean` and `IsTimestamp`",
    "choice presence": "`IsPresent`",
    "choice wildcards": "`StringMatches`, with escapes",
    "choice combinations": "`And`, `Or` and `Not`",
    "choice missing values": "a variable without a value is `States.Runtime`",
    "choice without match": "without a match and `Default` it's `States.NoChoiceMatched`",
}
JSONATA: Mapping[str, str] = {
    "jsonata arguments and output": "`Arguments` and `Output` with `$states.input`, `$states.result` and the context",
    "jsonata values": "expressions have the value that JSONata gives them; null isn't undefined",
    "jsonata functions": "`$partition`, `$range`, `$hash`, `$random`, `$uuid` and `$parse`",
    "jsonata failures": "an undefined value, a function or an error is `States.QueryEvaluationError`",
    "jsonata conditions": "`Condition`, `Output` and `Assign` of choice rules",
    "jsonata variables": "variables; assignments take effect after the state",
    "jsonata variable limits": "256 KiB of variables by one state, 10 MiB in all: `States.DataLimitExceeded` above",
    "jsonata error output": "`$states.errorOutput` in catchers",
    "jsonata items": "`Items`: an array, or an object's pairs",
    "jsonata limits": "an expression that runs for too long or needs too much memory fails, and holds up no other",
    "jsonata results": "`$states.result` is there after a task, a Parallel or a Map only",
    "jsonata wrong types": "a value of the wrong type or out of range, in any field, is `States.QueryEvaluationError`",
    "jsonata times": "`Seconds`, `Timestamp`, timeouts, `Error` and `Cause` as expressions",
    "jsonata single states": "single states of a JSONPath state machine can be in JSONata",
}
STATES: Mapping[str, str] = {
    "specification examples": "the examples of the States Language's specification do what it says",
    "states pass": "Pass",
    "states wait seconds": "Wait for seconds, of a path too",
    "states wait timestamps": "Wait until a time, of a path too",
    "states succeed": "Succeed",
    "states fail": "Fail, with `ErrorPath` and `CausePath`",
    "states numbers": "numbers from paths have their field's type and range, else `States.Runtime`",
    "states parallel": "Parallel: the outputs of the branches in their order",
    "states parallel failures": "a failed branch cancels the others and fails the state",
    "states map objects": "the pairs of an object as items",
    "states map": "inline Map over `ItemsPath`",
    "states map legacy fields": "`Iterator` and `Parameters`, the old names in a Map",
    "states map item selector": "`ItemSelector` with `$$.Map.Item`",
    "states map concurrency": "`MaxConcurrency`, of a path too; 0 is 40",
    "states map failures": "a failed iteration fails the state; items of another type: `States.Runtime`",
    "states retry backoff": "`IntervalSeconds` and `BackoffRate`",
    "states retry attempts": "`MaxAttempts`, 3 if it's missing; 0 is no retry",
    "states retriers": "each retrier counts its own attempts",
    "states retry maximum delay": "`MaxDelaySeconds`",
    "states retry jitter": "`JitterStrategy`",
    "states retry before catch": "catchers are looked at once no retrier is left",
    "states catch": "`Catch` with `ResultPath`; the error is `{Error, Cause}`",
    "states error wildcards": "`States.ALL`, `States.TaskFailed`, `States.Timeout` and `States.HeartbeatTimeout`",
    "states terminal errors": "`States.Runtime` and `States.DataLimitExceeded` aren't matched by `States.ALL`",
}
DEFINITIONS: Mapping[str, str] = {
    "definition json": "text that isn't a JSON object",
    "definition targets": "transitions to states that don't exist",
    "definition reachability": "states that can't be reached, and state machines without an end",
    "definition fields": "missing and unknown fields, values out of range, and fields that exclude each other",
    "definition distributed maps": "readers, batchers, writers and labels of Distributed Maps",
    "definition paths": "invalid paths, and those that aren't reference paths where one is needed",
    "definition intrinsics": "unknown and malformed intrinsic functions",
    "definition expressions": "invalid JSONata, and fields of the other query language",
    "definition choice rules": "malformed choice rules",
    "definition retriers and catchers": "malformed retriers and catchers, and `States.ALL` that isn't last and alone",
    "definition duplicates": "names of states that aren't unique in the whole state machine, or too long",
    "definition resources": "resources that AWS doesn't have",
    "definition parameters": "parameters that an API doesn't take, and required ones that are missing",
    "definition express": "patterns that EXPRESS doesn't have",
    "definition unsupported": "what local AWS doesn't do is refused by name and place",
}
TASKS: Mapping[str, str] = {
    "tasks functions": "a function's ARN: its input, result and events",
    "tasks lambda invoke": "`lambda:invoke`, with `Payload` and metadata",
    "tasks function errors": "the exception of a function is the error's name, its answer the cause",
    "tasks service errors": "errors of services have names such as `DynamoDB.ConditionalCheckFailedException`",
    "tasks parameters": "parameters that an API doesn't take are `States.Runtime`",
    "tasks sqs": "`sqs:sendMessage`; a body that's an object is sent as JSON",
    "tasks sns": "`sns:publish`",
    "tasks eventbridge": "`events:putEvents`",
    "tasks dynamodb": "`dynamodb:getItem`, `putItem`, `updateItem` and `deleteItem`",
    "tasks sdk": (
        "AWS SDK integrations of the services CloudWatch, CloudWatch Logs, DynamoDB, EventBridge, Firehose, Kinesis, "
        "Lambda, S3, Scheduler, Secrets Manager, SNS, SQS, SSM, Step Functions and STS"
    ),
    "tasks nested executions": "`states:startExecution`, `.sync` and `.sync:2`",
    "tasks nested failures": "a failed child is `States.TaskFailed` with its description as the cause",
    "tasks ecs": "`ecs:runTask`, and `.sync`, whose result is the task once it has stopped",
    "tasks ecs failures": "a container that fails, or never runs, is `States.TaskFailed` with the task as the cause",
    "tasks ecs stopping": "a task of ECS is stopped with the state that waits for it",
    "tasks ecs roles": (
        "the role needs `ecs:RunTask`, `iam:PassRole` for the task's roles, and `ecs:DescribeTasks` and `ecs:StopTask` "
        "to wait"
    ),
    "tasks batch": "`batch:submitJob`, and `.sync`, whose result is the job once it has succeeded",
    "tasks batch failures": "a job that fails is `States.TaskFailed` with the job as the cause",
    "tasks batch stopping": "a job of AWS Batch is terminated with the state that waits for it",
    "tasks batch roles": "the role needs `batch:SubmitJob`, and `batch:DescribeJobs` and `batch:TerminateJob` to wait",
    "tasks tokens": "`.waitForTaskToken`, answered by `SendTaskSuccess` and `SendTaskFailure`",
    "tasks heartbeats": "`HeartbeatSeconds` and `SendTaskHeartbeat`, on local AWS's clock",
    "tasks activities": (
        "tasks of activities: `GetActivityTask` waits for one and gives the oldest; workers report by token; the events"
    ),
    "tasks activity times": "the times of an activity's task begin when a worker gets it",
    "tasks timeouts": "`TimeoutSeconds` of a task, on local AWS's clock",
}
EXECUTIONS: Mapping[str, str] = {
    "executions names": (
        "a name stands for one execution; the same input starts no second one while the first runs; names with "
        "characters that AWS excludes are refused"
    ),
    "executions inputs": "inputs that aren't JSON or over 256 KB, and ARNs of nothing, are refused",
    "executions ends": "an execution ends whatever fails: one within local AWS is `States.Runtime`",
    "executions limits": (
        "an endless execution ends: a STANDARD one with 25,000 events, an EXPRESS one after five minutes; others go on"
    ),
    "executions descriptions": "`redriveStatus` with its reason, `redriveDate` and `traceHeader`",
    "step functions requests": "requests that break AWS's model of the API, and invalid tokens and ARNs, are refused",
    "executions stop": "`StopExecution` aborts what runs, and executions that it waits for",
    "executions lists": "`ListExecutions` by status, by redrive and in pages",
    "executions metadata": "`METADATA_ONLY` leaves out definitions, inputs and outputs",
    "executions history": "`GetExecutionHistory` with AWS's events, their order and predecessors",
    "executions time": "waits end on local AWS's clock; one tick can end several, each in its time",
    "executions timeouts": "`TimeoutSeconds` of a state machine",
    "executions express": "EXPRESS: `StartSyncExecution`, and no history in the API",
    "executions logs": "logging to CloudWatch Logs by level, with or without data",
    "executions status events": "`Step Functions Execution Status Change` events on the default bus",
    "machines definitions": "`InvalidDefinition` and `ValidateStateMachineDefinition`",
    "machines checked in templates": "definitions in templates are checked before anything is made",
    "machines updates": "an update doesn't reach running executions",
    "machines deletion": "a deleted state machine takes its executions along",
    "machines names": "creating a state machine twice is idempotent",
    "step functions resources": "operations are allowed by the ARN of the activity, state machine, version or alias",
    "machines roles": "the role must trust Step Functions, and is looked at in each call",
    "machines managed rules": "the role needs the rules of EventBridge by which AWS waits for a `.sync` task",
    "machines versions": "versions: snapshots of a revision, published by the API, by creations and by updates",
    "machines aliases": "aliases, which route to one version or to two by weight",
    "executions of versions": "an execution that's started by a version's ARN runs the version, and is listed with it",
    "executions of aliases": "executions that are started by an alias's ARN are shared by weight",
    "executions metrics": (
        "`AWS/States`: `ExecutionsStarted`, `Succeeded`, `Failed`, `TimedOut`, `Aborted` and `Redriven`, "
        "`ExecutionTime` and `RedrivenExecutions…`, by state machine, version and alias"
    ),
    "alarms on executions": "an alarm on `ExecutionsFailed` goes off on local AWS's clock",
    "activities": "activities: creating, describing, listing, tagging and deleting them",
    "machines unsupported operations": "`UpdateMapRun` and encryption with own keys are refused by name",
}
STATE_TESTS: Mapping[str, str] = {
    "state tests": "`TestState` of Task, Choice, Pass, Wait, Succeed and Fail states, in both query languages",
    "state test inspection": "`DEBUG` and `TRACE` have the data after each step, and the variables",
    "state test errors": "`RETRIABLE`, `CAUGHT_ERROR` and `FAILED`, with retrier, backoff and catcher",
    "state test times": "a test takes five minutes at most, on local AWS's clock",
    "state tests in definitions": "`stateName` chooses a state of a whole definition, nested ones too",
    "state test mocks": "a mocked result or error of a task, checked by the API's model, with its own context object",
    "state test refusals": (
        "tests of Map and Parallel states, `revealSecrets`, and checks of mocked results of `.sync` are refused by name"
    ),
}
DISTRIBUTED: Mapping[str, str] = {
    "distributed children": "each item is a child execution, STANDARD or EXPRESS, of a map run that the API describes",
    "distributed csv": "items of a CSV file, with its own or given headers, delimiters, and `MaxItems`",
    "distributed json": "items of JSON arrays and objects, with `ItemsPointer`, and of JSON Lines",
    "distributed listings": "the objects below a prefix as items",
    "distributed inventories": "the rows of an S3 inventory in CSV as items",
    "distributed reader failures": "items that can't be read are `States.ItemReaderFailed`",
    "distributed sources": "`Map.Item.Source` of the context: the state's data, the bucket or the object",
    "distributed wrong numbers": "a wrong `MaxItems` or batch limit of an expression is `States.QueryEvaluationError`",
    "distributed writer failures": "results that can't be written are `States.ResultWriterFailed`, and fail the run",
    "distributed batches": "`ItemBatcher` by number and bytes, with `BatchInput`",
    "distributed tolerated failures": (
        "`ToleratedFailureCount` and `ToleratedFailurePercentage`; beyond them the state is "
        "`States.ExceedToleratedFailureThreshold`; the result has the outputs of the children that succeeded"
    ),
    "distributed results": "`ResultWriter`: a manifest and files by status; `COMPACT`, `FLATTEN` and JSON Lines",
    "distributed redrive": "a redrive runs the failed children alone, in the same map run",
    "distributed roles": "the role needs `states:StartExecution`, and `states:RedriveExecution` to redrive",
    "distributed stop": "stopping an execution stops its children",
    "executions redrive": (
        "`RedriveExecution` goes on at the state that failed, with its input and variables; after a Parallel or an "
        "inline Map it's refused by name"
    ),
}
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Step Functions, data in JSONPath": DATA_FLOW,
    "Step Functions, intrinsic functions": INTRINSICS,
    "Step Functions, rules of Choice": CHOICES,
    "Step Functions, JSONata": JSONATA,
    "Step Functions, states and errors": STATES,
    "Step Functions, refused definitions": DEFINITIONS,
    "Step Functions, tasks": TASKS,
    "Step Functions, executions": EXECUTIONS,
    "Step Functions, tests of states": STATE_TESTS,
    "Step Functions, Distributed Map": DISTRIBUTED,
}
