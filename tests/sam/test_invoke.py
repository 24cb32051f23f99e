"""`sam local invoke`: one call of each function in a container of its own, against the local endpoint."""

import json
from typing import Any

from tests.sam.conftest import CONFIG, EVENTS


def invoke(sam: Any, function: str, event: str) -> Any:
    ran = sam.run("local", "invoke", function, "--config-file", CONFIG, "--event", EVENTS / f"{event}.json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_the_zip_function_answers_with_its_layer(sam: Any) -> None:
    answer = invoke(sam, "ApiFunction", "http-get-health")
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["status"] == "ok"


def test_the_image_function_answers_with_the_packages_of_its_image(sam: Any) -> None:
    answer = invoke(sam, "TrainFunction", "sqs-batch-with-a-foreign-message")
    assert answer["batchItemFailures"]
    assert sam.logged("TrainLogGroup", lambda found: '"level":"ERROR"' in found["message"])
