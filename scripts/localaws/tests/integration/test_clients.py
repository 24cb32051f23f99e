"""The real command line tools: aws and sam."""

from __future__ import annotations

import json
import shutil
from typing import Any

import httpx


def aws(cloud: Any, *arguments: str) -> Any:
    done = cloud.run("aws", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[")) else done.stdout


def test_the_aws_cli_copies_files_and_the_upload_is_processed(cloud: Any, outputs: dict[str, str]) -> None:
    (cloud.folder / "data.csv").write_text("a,b\n1,2\n")
    aws(cloud, "s3", "cp", "data.csv", f"s3://{outputs['Inbox']}/cli/data.csv")
    assert "data.csv" in aws(cloud, "s3", "ls", f"s3://{outputs['Inbox']}/cli/")
    events = cloud.drain(outputs["Seen"], lambda seen: any(_key(event) == "cli/data.csv" for event in seen))
    assert "cli/data.csv" in map(_key, events)


def _key(event: Any) -> str | None:
    key: str | None = event.get("detail", {}).get("object", {}).get("key")
    return key


def test_the_aws_cli_invokes_functions_and_reads_their_logs(cloud: Any, outputs: dict[str, str]) -> None:
    target = str(cloud.folder / "answer.json")
    payload = '{"marker": "from-the-cli"}'
    told = aws(cloud, "lambda", "invoke", "--function-name", outputs["Echo"], "--payload", payload, target)
    assert told["StatusCode"] == 200
    assert json.loads((cloud.folder / "answer.json").read_text())["event"] == json.loads(payload)
    assert cloud.logged(outputs["EchoLogs"], "from-the-cli")
    found = aws(cloud, "logs", "filter-log-events", "--log-group-name", outputs["EchoLogs"])
    assert any("from-the-cli" in event["message"] for event in found["events"])


def test_the_aws_cli_queries_logs(cloud: Any, outputs: dict[str, str]) -> None:
    aws(cloud, "lambda", "invoke", "--function-name", outputs["Echo"], str(cloud.folder / "out.json"))
    assert cloud.logged(outputs["EchoLogs"], "REPORT RequestId")
    window = ("--start-time", "1", "--end-time", "9999999999")
    query = 'filter @type = "REPORT" | stats count(*) as calls'
    started = aws(
        cloud, "logs", "start-query", "--log-group-name", outputs["EchoLogs"], "--query-string", query, *window
    )
    results = aws(cloud, "logs", "get-query-results", "--query-id", started["queryId"])
    assert results["status"] == "Complete"
    assert int(results["results"][0][0]["value"]) >= 1


def deploy(cloud: Any, *options: str) -> Any:
    """Deploy with sam, from a copy of the functions, since local AWS runs those themselves in place."""
    uploaded = cloud.folder / "uploaded"
    if not uploaded.exists():
        shutil.copytree(cloud.folder / "functions", uploaded)
    return cloud.run(
        "sam",
        "deploy",
        *("--template-file", "deployed.yaml", "--stack-name", "deployed", "--region", "us-east-1"),
        *("--resolve-s3", "--no-confirm-changeset", "--capabilities", "CAPABILITY_IAM", *options),
    )


def test_sam_deploys_redeploys_and_deletes(cloud: Any) -> None:
    done = deploy(cloud, "--parameter-overrides", "Greeting=first")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully created/updated stack" in done.stdout
    outputs = cloud.outputs("deployed")
    assert httpx.get(outputs["Url"]).json()["version"] == "1"
    invoke = cloud.client("lambda").invoke
    first = json.loads(invoke(FunctionName=outputs["Greeter"], Payload=b"{}")["Payload"].read())
    assert first["greeting"] == "first"

    source = cloud.folder / "uploaded" / "web.py"
    source.write_text(source.read_text().replace('"statusCode": 200', '"statusCode": 202'))
    # Deployed code was uploaded: an edit isn't live until the next deployment.
    assert httpx.get(outputs["Url"]).status_code == 200
    done = deploy(cloud, "--parameter-overrides", "Greeting=second")
    assert done.returncode == 0, done.stdout + done.stderr
    again = httpx.get(outputs["Url"])
    assert (again.status_code, again.json()["version"]) == (202, "2")
    second = json.loads(invoke(FunctionName=outputs["Greeter"], Payload=b"{}")["Payload"].read())
    assert second["greeting"] == "second"

    unchanged = deploy(cloud, "--parameter-overrides", "Greeting=second", "--no-fail-on-empty-changeset")
    assert unchanged.returncode == 0, unchanged.stdout + unchanged.stderr
    assert "No changes to deploy" in unchanged.stdout + unchanged.stderr

    deleted = cloud.run("sam", "delete", "--stack-name", "deployed", "--region", "us-east-1", "--no-prompts")
    assert deleted.returncode == 0, deleted.stdout + deleted.stderr
    names = [stack["StackName"] for stack in cloud.client("cloudformation").describe_stacks()["Stacks"]]
    assert "deployed" not in names


def test_sam_deploy_reports_unsupported_properties(cloud: Any) -> None:
    template = cloud.folder / "deployed.yaml"
    original = template.read_text()
    try:
        template.write_text(
            original.replace("Description: deployed", "FileSystemConfigs: [{Arn: a, LocalMountPath: /mnt/a}]")
        )
        done = deploy(cloud)
    finally:
        template.write_text(original)
    assert done.returncode != 0
    assert "Greeter.FileSystemConfigs: this property isn't supported" in done.stdout + done.stderr
