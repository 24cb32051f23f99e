"""From a dataset to a champion: once, whole, and the same whatever goes wrong on the way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from mlops.artifact.names import CARD
from mlops.errors.data import DatasetRejected
from mlops.errors.training import TrainingContested
from mlops.intake.training import Upload
from mlops.registry.aliases import CHALLENGER, CHAMPION, Aliases
from mlops.serving.scorer import Scorer
from mlops.spec.delivery import Delivery
from mlops.spec.search_space import Candidate, as_candidate
from mlops.tracking.mirror import NoMirror
from mlops.training.flow import Trainer
from tests.unit.mlops.samples import make_csv, make_lines, make_spec
from tests.unit.mlops.training.fakes import CODE, Away, Bench, reproducible

OTHER = make_csv(make_lines(seed=1))
# What the search finds after the first trial is better.
SEARCHED = {"linear": Candidate(LogisticRegression(C=0.001), {"C": (0.001, 10.0)})}
HASTY = make_spec(candidates=SEARCHED, metric="log_loss", search_seconds=0)
PATIENT = make_spec(candidates=SEARCHED, metric="log_loss")


pytestmark = pytest.mark.usefixtures("swift")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_dataset_becomes_a_champion_that_can_serve(bench: Bench) -> None:
    outcome = bench.train()
    assert outcome.standing == "promoted"
    assert bench.champion == outcome.manifest.version == 1
    assert all(gate.passed for gate in outcome.manifest.gates)
    scorer = Scorer.load(bench.versions, 1, max_rows=10)
    scores = scorer.score([{"length": 60.0, "width": 20.0}, {"length": 20.0, "width": 20.0}])
    assert scores.labels == ["long", "short"]
    bench.check()


def test_a_model_that_is_too_large_to_be_explained_is_trained_and_its_card_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def card(number: int) -> str:
        return bench.versions.read(bench.versions.manifest(number), CARD).decode()

    forest = make_spec(candidates={"forest": RandomForestClassifier(5, random_state=0)})
    bench.train(spec=forest)
    assert "exact, for each answer, if a request asks for them" in card(1)
    monkeypatch.setattr("mlops.training.artifacts.explainer.parts.MAX_LEAVES", 2)
    outcome = bench.train(OTHER, spec=forest)
    assert outcome.manifest.version == 2
    assert "explainer.npz" not in outcome.manifest.files
    assert "leaves are too many to explain an answer in time; 2 are allowed" in card(2)


def test_a_manifest_records_where_a_version_came_from(bench: Bench) -> None:
    manifest = bench.train().manifest
    assert (manifest.dataset.rows, manifest.dataset.columns, manifest.dataset.s3_version) == (60, 3, "v1")
    assert manifest.code == CODE
    assert manifest.mlflow_run_id == "run-0"
    assert {"train", "test"} <= set(manifest.metrics)
    assert {"scikit-learn", "onnxruntime", "python"} <= set(manifest.libraries)
    assert set(manifest.files) == {
        "model.onnx",
        "golden.json",
        "estimator.skops",
        "explainer.json",
        "explainer.npz",
        "profile.json",
        "MLmodel",
        "input_example.json",
        "contract.json",
        "decision.json",
        "training_rows.npy",
        "monitoring/references.json",
        "monitoring/held_out.npz",
        "code/mlops_model.py",
        *(
            f"code/mlops/artifact/{name}.py"
            for name in (
                "decision",
                "frame_reader",
                "frames",
                "inputs",
                "matrix",
                "missing",
                "names",
                "session",
                "spelling",
            )
        ),
        "requirements.txt",
        "python_env.yaml",
        "conda.yaml",
        "evidence.json",
        "card.html",
        *(f"plots/{name}.svg" for name in ("calibration", "confusion", "importance", "precision_recall", "roc")),
    }


def test_the_same_dataset_and_code_make_the_same_bytes() -> None:
    first, second = Bench().train().manifest, Bench().train().manifest
    assert reproducible(first) == reproducible(second)
    assert first.files["model.onnx"] == second.files["model.onnx"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_neither_the_candidates_order_of_work_nor_its_jobs_change_the_model(jobs: int) -> None:
    forest = as_candidate(make_spec().candidates["forest"]).estimator
    one = Bench().train(spec=make_spec(candidates={"forest": forest})).manifest
    many = Bench().train(spec=make_spec(candidates={"forest": forest.set_params(n_jobs=jobs)})).manifest
    forest.set_params(n_jobs=None)
    assert one.files["model.onnx"] == many.files["model.onnx"]


def test_a_repeated_delivery_makes_no_second_version(bench: Bench) -> None:
    first, second = bench.train(), bench.train()
    assert second.standing == "unchanged"
    assert second.manifest == first.manifest
    assert sum(step.startswith("search ") for step in bench.steps) == 1
    assert bench.versions.numbers() == [1]
    assert len(bench.mirror.runs) == 1


def test_another_dataset_or_other_code_makes_the_next_version(bench: Bench) -> None:
    bench.train()
    assert bench.train(OTHER).manifest.version == 2
    assert bench.train(code=CODE.model_copy(update={"sha256": "d" * 64})).manifest.version == 3
    assert bench.champion == 3
    bench.check()


def test_a_candidate_below_its_floor_is_kept_and_not_promoted(bench: Bench) -> None:
    bench.train()
    refused = bench.train(OTHER, make_spec(floors={"accuracy": 1.01}))
    assert refused.standing == "refused"
    assert [gate.name for gate in refused.manifest.gates if not gate.passed] == ["floor/accuracy"]
    assert bench.versions.numbers() == [1, 2]
    assert bench.champion == 1
    bench.check()


def test_a_rejected_dataset_leaves_no_trace_in_the_registry(bench: Bench) -> None:
    bench.train()
    with pytest.raises(DatasetRejected):
        bench.train(make_csv(make_lines(10)))
    assert bench.train(OTHER).manifest.version == 2


def test_a_late_redelivery_of_a_former_champion_does_not_bring_it_back(bench: Bench) -> None:
    bench.train()
    bench.train(OTHER)
    assert bench.train().standing == "unchanged"
    assert bench.champion == 2
    bench.check()


def test_a_redelivery_does_not_undo_a_rollback(bench: Bench) -> None:
    bench.train()
    bench.train(OTHER)
    aliases = Aliases(bench.store, "leaves")
    aliases.move(CHAMPION, 1, by="ann", why="rollback", seen=aliases.read(CHAMPION))
    assert bench.train(OTHER).standing == "unchanged"
    assert bench.champion == 1


def test_an_older_version_finished_late_does_not_replace_a_newer_champion(bench: Bench) -> None:
    bench.mirror.away = True
    with pytest.raises(Away):
        bench.train()
    bench.mirror.away = False
    assert bench.versions.numbers() == []
    assert bench.train(OTHER).manifest.version == 2
    late = bench.train()
    assert (late.manifest.version, late.standing) == (1, "kept")
    assert bench.champion == 2


def test_a_training_whose_search_time_cut_is_finished_with_as_many_trials(bench: Bench) -> None:
    wanted = Bench().train(spec=HASTY).manifest
    bench.mirror.away = True
    with pytest.raises(Away):
        bench.train(spec=HASTY)
    bench.mirror.away = False
    manifest = bench.train(spec=PATIENT).manifest
    assert manifest.search
    assert (len(manifest.search.trials), manifest.search.ended) == (1, "time")
    assert manifest.files["model.onnx"] == wanted.files["model.onnx"]
    bench.check()


def test_a_search_that_time_cut_is_run_again_with_as_many_trials_however_few() -> None:
    wanted = Bench().train(spec=HASTY).manifest
    bench = Bench()
    trainer = replace(bench.trainer, earlier=wanted.search)
    upload = Upload(uri="s3://data/datasets/leaves/a.csv", s3_version="v1", content=make_csv())
    again = trainer.train(upload, PATIENT, CODE).manifest
    assert again.search
    assert len(again.search.trials) == 1
    assert again.files["model.onnx"] == wanted.files["model.onnx"]


def test_a_training_during_which_mlflow_is_away_is_finished_when_it_is_back(bench: Bench) -> None:
    bench.mirror.away = True
    with pytest.raises(Away):
        bench.train()
    bench.mirror.away = False
    assert bench.train().manifest.version == 1
    bench.check()


def test_without_mlflow_a_training_works_and_reports_it(bench: Bench) -> None:
    outcome = replace(bench.trainer, mirror=NoMirror()).train(
        Upload(uri="s3://data/datasets/leaves/a.csv", s3_version="v1", content=make_csv()), make_spec(), CODE
    )
    assert (outcome.standing, outcome.manifest.mlflow_run_id) == ("promoted", None)
    assert any("no MLflow is configured" in step for step in bench.steps)
    bench.steps.clear()
    Bench(steps=bench.steps).train()
    assert not any("no MLflow" in step for step in bench.steps)


def test_two_trainings_at_once_make_two_whole_versions_and_the_newer_serves(bench: Bench) -> None:
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(bench.train, [make_csv(), OTHER]))
    assert {outcome.manifest.version for outcome in outcomes} == {1, 2}
    assert bench.versions.numbers() == [1, 2]
    assert bench.champion == 2
    for outcome in outcomes:
        for name in outcome.manifest.files:
            bench.versions.read(outcome.manifest, name)


def test_a_version_that_is_made_by_two_tries_has_the_evidence_of_the_first(bench: Bench) -> None:
    bench.mirror.away = True
    with pytest.raises(Away):
        bench.train()
    bench.mirror.away = False
    manifest = bench.train().manifest
    (latency,) = [gate for gate in manifest.gates if gate.name == "limit/latency_ms"]
    assert latency.observed == 0.001, "what the second try measured is another time"
    bench.check()


def test_two_deliveries_of_one_training_at_once_make_one_whole_version(bench: Bench) -> None:
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(bench.train, [None, None]))
    assert [outcome.manifest.version for outcome in outcomes] == [1, 1]
    assert bench.versions.numbers() == [1]
    bench.check()


def test_a_delivery_that_made_other_files_than_the_first_starts_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.mirror.away = True
    with pytest.raises(Away):
        bench.train(spec=HASTY)
    bench.mirror.away = False
    with monkeypatch.context() as patch:
        # As if both had begun at once: neither knew of the other's trials.
        patch.setattr(Trainer, "_interrupted_search", lambda *_: None)
        with pytest.raises(TrainingContested, match="the next attempt repeats"):
            bench.train(spec=PATIENT)
    manifest = bench.train(spec=PATIENT).manifest
    assert manifest.search
    assert (len(manifest.search.trials), manifest.search.ended) == (1, "time")
    for name in manifest.files:
        bench.versions.read(manifest, name)


def test_a_spec_with_a_canary_tries_a_version_before_it_is_champion(bench: Bench) -> None:
    spec = make_spec(delivery=Delivery(canary=0.2, days=2))
    assert bench.train(spec=spec).standing == "promoted", "there is nothing to compare the first with"
    outcome = bench.train(OTHER, spec=spec)
    assert outcome.manifest.accepted
    assert (outcome.standing, outcome.champion) == ("canary", 1)
    assert bench.train(OTHER, spec=spec).standing == "canary"
    tried = Aliases(bench.store, "leaves").find(CHALLENGER)
    assert tried
    (move,) = tried.history
    assert (move.version, move.share, move.by) == (2, 0.2, "training")
    assert move.canary
    assert move.canary.until - move.at < timedelta(days=2, seconds=10)
    assert move.why == "passed its gates on s3://data/datasets/leaves/a.csv"
    bench.check()
