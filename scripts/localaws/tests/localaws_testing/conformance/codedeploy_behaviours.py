"""What local AWS's CodeDeploy does as AWS's: rows of the conformance table."""

SECTIONS = {
    "CodeDeploy": {
        "codedeploy canary": "a canary has its share for its interval on local AWS's clock, then all traffic",
        "codedeploy linear": "linear traffic begins with one step and grows by one each interval, on local AWS's clock",
        "codedeploy all at once": "`AllAtOnce` moves the alias at once",
        "codedeploy configurations": "configurations of one's own; those in use and the predefined ones aren't deleted",
        "codedeploy override of the configuration": "a deployment may name another configuration than its group's",
        "codedeploy one deployment of a group": (
            "a second deployment during the first is a `DeploymentLimitExceededException` that names the first"
        ),
        "codedeploy lifecycle events": (
            "`GetDeploymentTarget` has versions, weight, and the status and times of each lifecycle event"
        ),
        "codedeploy invalid aliases": "an alias that doesn't point to the current version only fails the deployment",
        "codedeploy revisions": "AppSpec files in the request or in S3, YAML or JSON; others are refused",
        "codedeploy lists": "deployments by group, status and time; a group has its last and its last successful one",
        "codedeploy hooks that pass": (
            "hooks are called asynchronously with the ids of deployment and execution, and awaited: "
            "before any traffic, and after all of it"
        ),
        "codedeploy hooks that fail before": "a hook that fails before the traffic leaves the alias as it is",
        "codedeploy hooks that fail after": "a hook that fails after the traffic gives it back",
        "codedeploy hooks that never answer": "a hook without an answer fails the deployment after one hour",
        "codedeploy answers of hooks": "`PutLifecycleEventHookExecutionStatus` takes one answer: Succeeded or Failed",
        "codedeploy alarm before": "an alarm that's active before a deployment stops it before any traffic is shifted",
        "codedeploy alarm during": "an alarm during a deployment stops it, and all traffic goes back within 10 seconds",
        "codedeploy alarm after": "an alarm after the end changes nothing",
        "codedeploy unknown alarms": "unknown alarms stop a deployment, unless `ignorePollAlarmFailure`",
        "codedeploy rollbacks": (
            "a rollback is a deployment of its own, by `codeDeployRollback`; each has the other's id in `rollbackInfo`"
        ),
        "codedeploy no rollback": "without an automatic rollback the alias stays as it was when the deployment ended",
        "codedeploy stop": "`StopDeployment` is pending, then succeeded; what has ended can't be stopped",
        "codedeploy rollback by hand": "a version that was deployed before is deployed again by a new deployment",
        "codedeploy role": "CodeDeploy acts by the group's role, whose policies limit what it may do",
        "codedeploy notifications": "triggers send messages to topics, and the bus gets an event for each status",
        "codedeploy alias updates": (
            "`CodeDeployLambdaAliasUpdate`: the update of a stack waits for the deployment, other stacks don't"
        ),
        "codedeploy failed alias updates": "if the deployment doesn't succeed, its stack rolls back",
        "codedeploy first deployment": "a new alias points to its version at once, without a deployment",
        "codedeploy other platforms": "deployments to servers and containers are refused by name",
    },
}
