"""A process of the function around a snapshot: nothing of its start is left that could be stale when it goes on."""

import json
import subprocess
import sys
from pathlib import Path

from mlops.registry.store import open_store
from tests.integration.serving.conftest import BUCKET, ROOT, environment
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version, steeper

# Imports the function, runs the hooks as AWS's runtime does, and tells how many connections to S3 are open in between.
RUN = """
import json, os, sys, time
from pathlib import Path
import api
from snapshot_restore_py import get_after_restore, get_before_snapshot

def connections():
    own = {os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.exists()}
    port = os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2]
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(f"socket:[{line[9]}]" in own and line[2].endswith(f"{int(port):04X}") for line in lines)

hooks = get_before_snapshot()
while hooks:
    hook, given, named = hooks.pop()
    hook(*given, **named)
deadline = time.monotonic() + 5
while connections() and time.monotonic() < deadline:
    time.sleep(0.01)
print(json.dumps({"connections": connections()}), flush=True)
sys.stdin.readline()
for hook, given, named in get_after_restore():
    hook(*given, **named)
class Context:
    aws_request_id = "id"
for event in json.loads(sys.stdin.readline()):
    print(json.dumps({"answer": api.handler(event, Context())}), flush=True)
"""


def test_no_connection_outlives_the_snapshot_and_the_first_request_has_the_champion_of_now(
    function: Path, layer: Path, s3: str
) -> None:
    store = open_store(f"s3://{BUCKET}")
    put_version(store, 1)
    promote(store, 1)
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    variables = environment(function, layer) | {
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
        "FOLLOW_SECONDS": "3600",
    }
    with subprocess.Popen(
        [sys.executable, "-S", "-W", "error", "-c", RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=variables,
        cwd=layer,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        printed = []
        while "connections" not in (line := json.loads(process.stdout.readline())):
            printed.append(line)
        adopted = [each for each in printed if each.get("record") == "adoption"]
        assert [(each["model"], each["model_version"]) for each in adopted] == [("diagnosis", 1), ("other", 1)]
        (warning,) = [each for each in printed if each not in adopted]
        assert (warning["level"], "AUTHORIZATION is open" in warning["message"]) == ("WARNING", True)
        assert line == {"connections": 0}
        steeper(store, 2)
        promote(store, 2)
        event = json.loads((ROOT / "tests/events/http-post-predict.json").read_text())
        event["body"] = json.dumps({"rows": ROWS})
        rest, _ = process.communicate("\n" + json.dumps([event]) + "\n", timeout=60)
    assert process.returncode == 0
    (answer,) = [each["answer"] for each in map(json.loads, rest.splitlines()) if "answer" in each]
    assert (answer["statusCode"], json.loads(answer["body"])["version"]) == (200, 2)
