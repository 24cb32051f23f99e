"""Jobs of AWS Batch: what they run, how they end, and in whose name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws_testing.waiting import wait_until


@pytest.mark.proves("batch jobs", "batch logs", "batch overrides")
def test_a_job_runs_its_image_with_its_environment_and_logs_its_output(jobs: Any) -> None:
    job = jobs.submit(containerOverrides={"environment": [{"name": "CHANGED", "value": "after"}]})
    ended = jobs.wait(job)
    assert (ended["status"], ended["statusReason"]) == ("SUCCEEDED", "Essential container in task exited")
    assert ended["createdAt"] <= ended["startedAt"] <= ended["stoppedAt"]
    assert ended["container"]["exitCode"] == 0
    (attempt,) = ended["attempts"]
    assert attempt["container"]["taskArn"] == ended["container"]["taskArn"]
    assert ended["container"]["logStreamName"].startswith("work/default/")
    assert wait_until(lambda: len(jobs.logged(job)) == 2, 30)
    found = json.loads(next(line for line in jobs.logged(job) if line.startswith("{")))
    assert (found["FROM_IMAGE"], found["GIVEN"], found["CHANGED"]) == ("yes", "one", "after")
    assert "an error line" in jobs.logged(job)


@pytest.mark.proves("batch variables")
def test_a_job_knows_itself_by_its_variables(jobs: Any) -> None:
    job = jobs.submit("environ")
    jobs.wait(job)
    assert wait_until(lambda: jobs.logged(job), 30)
    assert json.loads(jobs.logged(job)[0]) == {
        "AWS_BATCH_CE_NAME": "large",
        "AWS_BATCH_JOB_ATTEMPT": "1",
        "AWS_BATCH_JOB_ID": job,
        "AWS_BATCH_JQ_NAME": "trainings",
    }
    with pytest.raises(jobs.client.exceptions.ClientException, match="AWS_BATCH_"):
        jobs.submit(containerOverrides={"environment": [{"name": "AWS_BATCH_JOB_ID", "value": "mine"}]})


@pytest.mark.proves("batch parameters")
def test_parameters_are_the_values_of_references_in_the_command(jobs: Any) -> None:
    job = jobs.submit("Ref::what", "Ref::code", parameters={"what": "leave", "code": "0"})
    ended = jobs.wait(job)
    assert (ended["status"], ended["container"]["command"]) == ("SUCCEEDED", ["leave", "0"])
    assert ended["parameters"] == {"what": "leave", "code": "0"}


@pytest.mark.proves("batch exit codes")
def test_a_job_whose_container_fails_has_failed_with_its_code(jobs: Any) -> None:
    ended = jobs.wait(jobs.submit("leave", "7"))
    assert (ended["status"], ended["container"]["exitCode"]) == ("FAILED", 7)
    assert ended["statusReason"] == "Essential container in task exited"


@pytest.mark.proves(
    "batch retries",
    "AWS::Batch::JobDefinition.RetryStrategy.Attempts",
    "AWS::Batch::JobDefinition.RetryStrategy.EvaluateOnExit.Action",
    "AWS::Batch::JobDefinition.RetryStrategy.EvaluateOnExit.OnExitCode",
    "AWS::Batch::JobDefinition.RetryStrategy.EvaluateOnExit.OnReason",
    "AWS::Batch::JobDefinition.RetryStrategy.EvaluateOnExit.OnStatusReason",
    "AWS::Batch::JobDefinition.ContainerProperties.LogConfiguration.LogDriver",
    "AWS::Batch::JobDefinition.ContainerProperties.LogConfiguration.Options.awslogs-create-group",
    "AWS::Batch::JobDefinition.ContainerProperties.LogConfiguration.Options.awslogs-group",
    "AWS::Batch::JobDefinition.ContainerProperties.LogConfiguration.Options.awslogs-stream-prefix",
)
@pytest.mark.parametrize(
    ("codes", "found", "status"),
    [("43,40,0", [43, 40, 0], "SUCCEEDED"), ("43,5,0", [43, 5], "FAILED"), ("4,4,4", [4, 4, 4], "FAILED")],
)
def test_a_failed_attempt_is_tried_again_as_the_strategy_says(
    jobs: Any, codes: str, found: list[int], status: str
) -> None:
    job = jobs.submit("leave_at", codes, jobDefinition="logging")
    ended = jobs.wait(job)
    assert [attempt["container"]["exitCode"] for attempt in ended["attempts"]] == found
    assert ended["status"] == status
    assert ended["container"]["logStreamName"].startswith("mine/default/")


@pytest.mark.proves("batch retries", "batch ending")
def test_a_job_whose_capacity_is_taken_back_is_tried_again(jobs: Any) -> None:
    rules = [{"action": "RETRY", "onStatusReason": "Your Spot*"}, {"action": "EXIT", "onReason": "*"}]
    job = jobs.running(retryStrategy={"attempts": 2, "evaluateOnExit": rules})
    (environment,) = jobs.client.describe_compute_environments(computeEnvironments=["large"])["computeEnvironments"]
    jobs.cloud.client("ecs").stop_task(
        cluster=environment["ecsClusterArn"],
        task=jobs.describe(job)["container"]["taskArn"],
        reason="Your Spot Task was interrupted.",
    )
    assert wait_until(lambda: bool(jobs.describe(job)["attempts"]), 60)
    (attempt,) = jobs.wait(job, "RUNNING")["attempts"]
    assert (attempt["statusReason"], attempt["container"]["exitCode"]) == ("Your Spot Task was interrupted.", 3)
    jobs.client.terminate_job(jobId=job, reason="enough")
    assert len(jobs.wait(job)["attempts"]) == 2


@pytest.mark.proves("batch timeouts")
def test_an_attempt_that_takes_too_long_is_stopped_and_not_tried_again(jobs: Any) -> None:
    job = jobs.running(timeout={"attemptDurationSeconds": 60}, retryStrategy={"attempts": 3})
    jobs.cloud.tick("61s")
    ended = jobs.wait(job)
    assert (ended["status"], ended["statusReason"]) == ("FAILED", "Job attempt duration exceeded timeout")
    assert [attempt["container"]["exitCode"] for attempt in ended["attempts"]] == [3]
    assert wait_until(lambda: "told to stop" in jobs.logged(job), 30)
    with pytest.raises(jobs.client.exceptions.ClientException, match="at least 60"):
        jobs.submit(timeout={"attemptDurationSeconds": 59})


@pytest.mark.proves("batch ending")
def test_a_job_that_runs_is_terminated_but_not_cancelled(jobs: Any) -> None:
    job = jobs.running(retryStrategy={"attempts": 3})
    jobs.client.cancel_job(jobId=job, reason="too late")
    assert jobs.describe(job)["status"] == "RUNNING"
    jobs.client.terminate_job(jobId=job, reason="enough")
    ended = jobs.wait(job)
    assert (ended["status"], ended["statusReason"]) == ("FAILED", "enough")
    assert (ended["isTerminated"], ended["isCancelled"], len(ended["attempts"])) == (True, False, 1)


@pytest.mark.proves("batch dependencies", "batch ending")
def test_a_job_waits_for_those_that_it_depends_on(jobs: Any) -> None:
    first = jobs.running()
    second = jobs.submit("leave", "0", dependsOn=[{"jobId": first}])
    third = jobs.submit("leave", "0", dependsOn=[{"jobId": first}])
    assert jobs.describe(second)["status"] == "PENDING"
    jobs.client.cancel_job(jobId=third, reason="not needed")
    cancelled = jobs.wait(third)
    assert (cancelled["statusReason"], cancelled["isCancelled"], cancelled["attempts"]) == ("not needed", True, [])
    jobs.client.terminate_job(jobId=first, reason="enough")
    assert jobs.wait(second)["statusReason"] == "Dependent Job failed"
    after = jobs.submit("leave", "0", dependsOn=[{"jobId": jobs.submit("leave", "0")}])
    assert jobs.wait(after)["status"] == "SUCCEEDED"
    with pytest.raises(jobs.client.exceptions.ClientException, match="does not exist"):
        jobs.submit(dependsOn=[{"jobId": "none"}])


@pytest.mark.proves("batch queues", "AWS::Batch::ComputeEnvironment.ComputeResources.MaxvCpus")
def test_jobs_wait_for_vcpus_and_those_of_the_queue_with_the_higher_priority_go_first(jobs: Any) -> None:
    all_vcpus = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
    overrides = {"containerOverrides": {"command": ["leave", "0"], "resourceRequirements": all_vcpus}}
    running = jobs.running(containerOverrides={"command": ["wait"], "resourceRequirements": all_vcpus})
    later = jobs.submit(**overrides)
    sooner = jobs.submit(**overrides, jobQueue=jobs.stack["Urgent"])
    assert [jobs.describe(job)["status"] for job in (later, sooner)] == ["RUNNABLE", "RUNNABLE"]
    jobs.client.terminate_job(jobId=running, reason="enough")
    assert jobs.wait(sooner)["startedAt"] <= jobs.wait(later)["startedAt"]
    assert jobs.describe(sooner)["stoppedAt"] <= jobs.describe(later)["startedAt"]
    too_large = [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "4096"}]
    stuck = jobs.submit(containerOverrides={"resourceRequirements": too_large})
    assert jobs.describe(stuck)["statusReason"].startswith("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE")
    jobs.client.terminate_job(jobId=stuck, reason="never")
    assert jobs.wait(stuck)["statusReason"] == "never"


@pytest.mark.proves("batch arrays", "batch lists")
def test_an_array_is_a_job_for_each_index_which_lists_find(jobs: Any) -> None:
    array = jobs.submit("environ", arrayProperties={"size": 3})
    ended = jobs.wait(array)
    assert (ended["status"], ended["arrayProperties"]["statusSummary"]["SUCCEEDED"]) == ("SUCCEEDED", 3)
    listed = jobs.client.list_jobs(arrayJobId=array, jobStatus="SUCCEEDED", maxResults=2)
    rest = jobs.client.list_jobs(arrayJobId=array, jobStatus="SUCCEEDED", nextToken=listed["nextToken"])
    children = [job["jobId"] for job in (*listed["jobSummaryList"], *rest["jobSummaryList"])]
    assert children == [f"{array}:{index}" for index in range(3)]
    assert wait_until(lambda: jobs.logged(children[2]), 30)
    variables = json.loads(jobs.logged(children[2])[0])
    assert (variables["AWS_BATCH_JOB_ARRAY_INDEX"], variables["AWS_BATCH_JOB_ARRAY_SIZE"]) == ("2", "3")
    succeeded = jobs.client.list_jobs(jobQueue="trainings", jobStatus="SUCCEEDED")["jobSummaryList"]
    assert array in {job["jobId"] for job in succeeded}
    assert not {job["jobId"] for job in succeeded} & set(children)
    failing = jobs.submit("leave", "1", arrayProperties={"size": 2})
    assert jobs.wait(failing)["status"] == "FAILED"


@pytest.mark.proves("batch roles")
def test_a_job_has_the_credentials_of_its_role(jobs: Any) -> None:
    assert jobs.wait(jobs.submit("put"))["status"] == "SUCCEEDED"
    s3 = jobs.cloud.client("s3")
    assert s3.get_object(Bucket=jobs.stack["Bucket"], Key="by-task")["Body"].read() == b"x"
    given = jobs.client.describe_job_definitions(jobDefinitions=[jobs.stack["Definition"]])["jobDefinitions"][0]
    container = {**given["containerProperties"], "jobRoleArn": jobs.stack["ForeignRole"]}
    other = jobs.client.register_job_definition(
        jobDefinitionName="foreign", type="container", platformCapabilities=["FARGATE"], containerProperties=container
    )["jobDefinitionArn"]
    ended = jobs.wait(jobs.submit(jobDefinition=other))
    assert (ended["status"], "unable to assume the role" in ended["statusReason"]) == ("FAILED", True)


@pytest.mark.proves("batch unknown images")
def test_a_job_of_an_image_that_local_aws_has_not_built_does_not_start(jobs: Any) -> None:
    given = jobs.client.describe_job_definitions(jobDefinitions=[jobs.stack["Definition"]])["jobDefinitions"][0]
    container = {**given["containerProperties"], "image": "public.ecr.aws/docker/library/busybox:latest"}
    other = jobs.client.register_job_definition(
        jobDefinitionName="unknown", type="container", platformCapabilities=["FARGATE"], containerProperties=container
    )["jobDefinitionArn"]
    ended = jobs.wait(jobs.submit(jobDefinition=other))
    assert (ended["status"], ended["statusReason"]) == ("FAILED", "Task failed to start")
    assert ended["container"]["reason"].startswith("CannotPullContainerError")


@pytest.mark.proves("batch memory")
def test_a_job_that_takes_more_memory_than_it_has_is_killed(jobs: Any) -> None:
    ended = jobs.wait(jobs.submit("grow"))
    assert (ended["container"]["exitCode"], ended["container"]["reason"][:16]) == (137, "OutOfMemoryError")


@pytest.mark.proves("batch events")
def test_each_status_after_the_submission_is_an_event(jobs: Any) -> None:
    job = jobs.submit("leave", "0", jobName="watched")
    events = jobs.cloud.drain(
        jobs.stack["Events"], lambda got: any(event["detail"]["status"] == "SUCCEEDED" for event in got)
    )
    assert {event["detail-type"] for event in events} == {"Batch Job State Change"}
    assert {event["detail"]["jobId"] for event in events} == {job}
    statuses = {event["detail"]["status"] for event in events}
    assert statuses == {"RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"}


@pytest.mark.proves("batch refused requests")
def test_what_local_aws_does_not_run_is_refused_by_name(jobs: Any) -> None:
    client = jobs.client
    with pytest.raises(client.exceptions.ClientException, match="dependencies of the type N_TO_N"):
        jobs.submit(dependsOn=[{"jobId": "x", "type": "N_TO_N"}])
    with pytest.raises(client.exceptions.ClientException, match="shareIdentifier of SubmitJob"):
        jobs.submit(shareIdentifier="a")
    with pytest.raises(client.exceptions.ClientException, match="not found"):
        jobs.submit(jobDefinition="none")
    with pytest.raises(client.exceptions.ClientException, match="filters of ListJobs"):
        client.list_jobs(jobQueue="trainings", filters=[{"name": "JOB_NAME", "values": ["a"]}])
    with pytest.raises(client.exceptions.ClientException, match="of the type EC2"):
        client.create_compute_environment(
            computeEnvironmentName="ec2",
            type="MANAGED",
            computeResources={"type": "EC2", "maxvCpus": 4, "subnets": ["subnet-1"]},
        )
    with pytest.raises(client.exceptions.ClientError, match="UnsupportedByLocalAws"):
        client.create_scheduling_policy(name="fair")


@pytest.mark.proves("batch entry points")
def test_an_image_whose_entry_point_runs_functions_is_refused(jobs: Any) -> None:
    image = jobs.cloud.client("lambda").get_function(FunctionName="other")["Code"]["ImageUri"]
    given = jobs.client.describe_job_definitions(jobDefinitions=[jobs.stack["Definition"]])["jobDefinitions"][0]
    other = jobs.client.register_job_definition(
        jobDefinitionName="functions",
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={**given["containerProperties"], "image": image},
    )["jobDefinitionArn"]
    with pytest.raises(jobs.client.exceptions.ClientException, match="ENTRYPOINT of Lambda's base image"):
        jobs.submit(jobDefinition=other)


@pytest.mark.proves(
    "AWS::Lambda::Function.ImageConfig.EntryPoint",
    "AWS::Serverless::Function.ImageConfig.EntryPoint",
    "functions entry points",
)
def test_a_function_runs_by_the_entry_point_of_its_settings(jobs: Any) -> None:
    client = jobs.cloud.client("lambda")
    assert json.load(client.invoke(FunctionName="worker")["Payload"]) == "a function"
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="entry point"):
        client.update_function_configuration(FunctionName="worker", ImageConfig={})
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="entry point"):
        client.update_function_configuration(FunctionName="other", ImageConfig={"EntryPoint": ["bash"]})
