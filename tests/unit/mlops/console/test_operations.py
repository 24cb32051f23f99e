"""What runs and what failed is shown, to those who may see it, and redriven by those who may."""

import csv
import io
import json
import re
from datetime import timedelta

import obstore
import pytest

from mlops.operations.history import History
from tests.console_operations import MONITOR_DEAD, TRAIN, TRAIN_DEAD, TRIALS, upload
from tests.console_world import Visitor, World

CHURN = "/console/models/churn"
WHOLE_SYSTEM = ("queues", "queues/train", "queues/train/letters.csv")


@pytest.fixture
def ann(busy: World) -> Visitor:
    """Somebody who may look and act."""
    visitor = Visitor(busy.open_app())
    assert visitor.follow(busy.make_link()).status_code == 200
    return visitor


def test_trainings_that_run_come_first_with_their_trials(ann: Visitor) -> None:
    page = ann.get("/console/trainings").text
    assert page.index("In progress") < page.index("2026-11.csv") < page.index("What came of the others")
    assert "4 trials of at most 20" in page
    assert "the best so far: random-forest, ROC AUC 0.990" in page
    assert "try 2 of 3 failed: ClientError: SlowDown; the next comes within 60 s" in page
    assert "the queue delivers it as soon as" in page
    assert page.count("<svg") == 1


def test_what_came_of_trainings_is_said_with_the_reason_and_the_version(ann: Visitor) -> None:
    page = ann.get(f"{CHURN}/trainings").text
    for text in ("✓ promoted", "✗ refused", "✗ rejected", "the column &#39;age&#39; is missing", "/versions/2"):
        assert text in page, text
    assert "late.csv" not in page  # it's another model's


def test_a_training_has_its_trials_and_steps(ann: Visitor) -> None:
    page = ann.get(f"{CHURN}/trainings/2026-11.csv").text
    for text in ("n_estimators=100, max_depth=8", "it failed with ValueError: negative values", "pruned", TRIALS[0]):
        assert text in page, text
    assert re.findall(r'<th scope="row">(\d)</th>', page) == ["4", "3", "2", "1"]
    rows = list(csv.DictReader(io.StringIO(ann.get(f"{CHURN}/trainings/2026-11.csv/trials.csv").text)))
    assert [row["score"] for row in rows] == ["0.9812", "0.9903", "0.9011", ""]


def test_a_rejected_training_says_where_the_rows_are(ann: Visitor) -> None:
    page = ann.get(f"{CHURN}/trainings/rejected.csv").text
    assert "3 violations of the contract" in page
    assert "s3://data/rejected/churn/rejected.csv.jsonl" in page


def test_a_training_of_a_model_without_versions_is_there_too(busy: World, ann: Visitor) -> None:
    assert "late.csv" in ann.get("/console/models/diagnosis/trainings").text
    assert "try 2 of 3 failed" in ann.get("/console/models/diagnosis/trainings/late.csv").text
    assert ann.get("/console/models/nothing/trainings").status_code == 404
    assert ann.get(f"{CHURN}/trainings/nothing.csv").status_code == 404


def test_the_last_try_that_failed_is_in_progress_no_more(busy: World, ann: Visitor) -> None:
    busy.operations.add_training("datasets/churn/given-up.csv", busy.now, state="retrying", attempt=3, reason="no")
    page = ann.get(f"{CHURN}/trainings").text
    assert page.index("What came of the others") < page.index("given-up.csv")
    assert "✗ failed at every try" in page
    assert "TrainDeadLetters" in ann.get(f"{CHURN}/trainings/given-up.csv").text


def test_a_training_that_is_silent_for_long_may_have_been_killed(busy: World, ann: Visitor) -> None:
    busy.now += timedelta(minutes=20)
    assert "it may have been killed" in ann.get(f"{CHURN}/trainings").text


def test_a_new_upload_under_an_old_name_waits(busy: World, ann: Visitor) -> None:
    key = "datasets/churn/promoted.csv"
    for name in (f"{key}.progress.json", f"{key}.report.json"):
        obstore.put(busy.operations.data, name, bytes(obstore.get(busy.operations.data, name).bytes()))
    assert "✓ promoted" in ann.get(f"{CHURN}/trainings/promoted.csv").text
    obstore.put(busy.operations.data, key, b"new")
    assert "It waits in the queue" in ann.get(f"{CHURN}/trainings/promoted.csv").text


@pytest.mark.parametrize("content", [b"no JSON", b"[]", b"{}", json.dumps({"steps": [{"step": 1}]}).encode()])
def test_a_progress_that_cant_be_read_hides_no_other(busy: World, ann: Visitor, content: bytes) -> None:
    obstore.put(busy.operations.data, "datasets/churn/2026-11.csv.progress.json", content)
    page = ann.get(f"{CHURN}/trainings")
    assert page.status_code == 200
    assert "can&#39;t be read" in page.text or "can't be read" in page.text
    assert "promoted.csv" in page.text


def test_batches_are_listed_with_their_progress_and_why_they_failed(ann: Visitor) -> None:
    page = ann.get("/console/batches").text
    assert page.index("churn-running") < page.index("churn-failed") < page.index("churn-done")
    assert "3 of 10 chunks, 4 in work" in page
    assert "2 of 10 chunks have no answers" in page


def test_a_batch_that_is_done_has_its_answers_rejections_and_places(ann: Visitor) -> None:
    page = ann.get("/console/batches/churn-done").text
    for text in (
        "99,969 of 100,000 rows",
        "90.0 %",
        "30 by minimum, 1 by type",
        "it must be at least 0",
        "_rejected/",
        "_manifest.json",
        "s3://data/batch/churn/b.csv",
        "12.50 s of functions",
    ):
        assert text in page, text
    assert "Score what is left" not in page
    rows = list(csv.DictReader(io.StringIO(ann.get("/console/batches/churn-done/answers.csv").text)))
    assert rows[1] == {"what": "answer", "name": "leaves", "rows": "9969"}
    assert {row["what"] for row in rows} == {"answer", "rejected"}


def test_what_a_failed_batch_left_is_scored_once_with_who_and_why(busy: World, ann: Visitor) -> None:
    page = ann.get("/console/batches/churn-failed").text
    assert "the model&#39;s file is gone" in page
    answer = ann.act("/console/batches/churn-failed/redrive", redrives=0, why="it's there again")
    assert answer.url.path != "/console/batches/churn-failed"  # it failed at its end: another execution goes on
    assert "running" in answer.text
    (record,) = History(busy.records, lambda: busy.now).list("batches/churn-failed")
    assert (record.by, record.why) == ("ann", "it's there again")
    assert "it&#39;s there again" in ann.get("/console/batches/churn-failed").text
    again = ann.act("/console/batches/churn-failed/redrive", redrives=0)
    assert (again.status_code, "Somebody was faster" in again.text) == (409, True)


def test_a_batch_that_did_not_fail_is_not_redriven(busy: World, ann: Visitor) -> None:
    before = len(busy.operations.machine.executions)
    for name in ("churn-done", "churn-running"):
        assert ann.act(f"/console/batches/{name}/redrive", redrives=0).status_code == 409
    assert ann.act("/console/batches/none/redrive", redrives=0).status_code == 404
    assert len(busy.operations.machine.executions) == before


def test_queues_have_their_depth_and_what_waits_for_another_try(ann: Visitor) -> None:
    page = ann.get("/console/queues").text
    assert "✗ 2 dead letters" in page
    assert "1 message" in page
    assert "1 min old" in page
    assert "try 2 of 3 failed" in page


def test_dead_letters_are_shown_with_their_reason_and_lead_to_their_training(busy: World, ann: Visitor) -> None:
    page = ann.get("/console/queues/train").text
    assert "s3://data/datasets/diagnosis/broken.csv" in page
    assert 'href="/console/models/diagnosis/trainings/late.csv"' in page
    assert "ClientError: SlowDown" in page
    assert len(busy.operations.sqs.messages[TRAIN_DEAD]) == 2
    rows = list(csv.DictReader(io.StringIO(ann.get("/console/queues/train/letters.csv").text)))
    assert [row["model"] for row in rows] == ["diagnosis", "diagnosis"]


def test_dead_letters_are_moved_back_with_who_and_why(busy: World, ann: Visitor) -> None:
    page = ann.act("/console/queues/train/redrive", redrives=0, why="S3 is  <b>back</b>")
    assert page.url.path == "/console/queues/train"
    assert "2 dead letters moved back" in page.text
    assert "S3 is &lt;b&gt;back&lt;/b&gt;" in page.text
    assert len(busy.operations.sqs.messages[TRAIN]) == 3
    assert busy.operations.sqs.messages[TRAIN_DEAD] == []
    assert ann.act("/console/queues/train/redrive", redrives=1).status_code == 409  # there is none left


def test_of_two_people_at_once_the_second_moves_nothing(busy: World, ann: Visitor) -> None:
    bob = Visitor(busy.open_app())
    bob.follow(busy.make_link("bob"))
    assert "moved back" in bob.act("/console/queues/train/redrive", redrives=0).text
    busy.operations.sqs.add(TRAIN_DEAD, upload("datasets/churn/x.csv"), busy.now)
    answer = ann.act("/console/queues/train/redrive", redrives=0)
    assert answer.status_code == 409
    assert "redriven by somebody else" in answer.text
    assert len(busy.operations.sqs.tasks) == 1


def test_letters_of_monitoring_cant_be_moved_and_the_page_says_what_helps(busy: World, ann: Visitor) -> None:
    busy.operations.sqs.add(MONITOR_DEAD, {"time": "12:20"}, busy.now)
    page = ann.get("/console/queues/monitor").text
    assert "mlops monitor run" in page
    assert "Move them back" not in page
    assert ann.act("/console/queues/monitor/redrive", redrives=0).status_code == 409


@pytest.mark.parametrize("path", ["queues/train/redrive", "batches/churn-failed/redrive"])
@pytest.mark.parametrize("fields", [{"why": ""}, {"why": "x" * 1_001}, {"redrives": "one"}, {"redrives": ""}])
def test_a_field_that_cant_be_used_is_named(busy: World, ann: Visitor, path: str, fields: dict[str, str]) -> None:
    answer = ann.act(f"/console/{path}", **{"redrives": 0, **fields})
    assert answer.status_code == 400
    assert next(iter(fields)) in answer.text
    assert busy.operations.sqs.tasks == []


@pytest.mark.parametrize("path", ["queues/train/redrive", "batches/churn-failed/redrive"])
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.test"}])
def test_a_form_of_another_site_is_refused(busy: World, ann: Visitor, path: str, headers: dict[str, str]) -> None:
    form = {"form_token": ann.token(), "redrives": 0, "why": "x"}
    assert ann.post(f"/console/{path}", form, headers=headers).status_code == 403
    assert ann.post(f"/console/{path}", {**form, "form_token": "0" * 64}).status_code == 403
    assert busy.operations.sqs.tasks == []


def test_who_may_only_look_sees_no_form_and_cant_send_one(busy: World) -> None:
    visitor = Visitor(busy.open_app())
    visitor.post("/console/sign-in", {"key": busy.make_key()})
    for path in ("queues/train", "batches/churn-failed"):
        assert 'name="why"' not in visitor.get(f"/console/{path}").text
        answer = visitor.act(f"/console/{path}/redrive", redrives=0)
        assert answer.status_code == 403
        assert "needs the scope operate" in answer.text
    assert busy.operations.sqs.tasks == []


def test_a_key_for_one_model_sees_its_trainings_and_batches_and_no_queue(busy: World) -> None:
    visitor = Visitor(busy.open_app())
    visitor.post("/console/sign-in", {"key": busy.make_key(scopes=("read", "operate"), models=("diagnosis",))})
    trainings = visitor.get("/console/trainings").text
    assert "late.csv" in trainings
    assert "2026-11.csv" not in trainings
    assert visitor.get(f"{CHURN}/trainings").status_code == 404
    assert visitor.get(f"{CHURN}/trainings/2026-11.csv").status_code == 404
    assert "churn-done" not in visitor.get("/console/batches").text
    assert visitor.get("/console/batches/churn-done").status_code == 404
    assert visitor.act("/console/batches/churn-failed/redrive", redrives=0).status_code == 404
    for path in WHOLE_SYSTEM:
        assert visitor.get(f"/console/{path}").status_code == 403
    assert visitor.act("/console/queues/train/redrive", redrives=0).status_code == 403
    assert busy.operations.sqs.tasks == []


def test_a_service_that_fails_costs_its_own_pages_alone(busy: World, ann: Visitor) -> None:
    busy.operations.sqs.failing = busy.operations.machine.failing = True
    for path in ("queues", "queues/train", "batches"):
        answer = ann.get(f"/console/{path}")
        assert answer.status_code == 503
        assert "can&#39;t be read now" in answer.text or "can't be read now" in answer.text
    assert ann.get("/console/trainings").status_code == 200
    assert ann.get().status_code == 200


def test_where_there_is_nothing_the_pages_say_what_makes_something(world: World) -> None:
    visitor = Visitor(world.open_app())
    visitor.follow(world.make_link())
    for path, text in {
        "trainings": "Nothing is being trained",
        "models/churn/trainings": "scripts/mlops data put FILE --model churn",
        "batches": "There was no batch yet",
        "queues": "No training waits for another try",
        "queues/train": "Nothing failed at every try",
    }.items():
        assert text in visitor.get(f"/console/{path}").text, path
