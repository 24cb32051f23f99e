"""The examination of a candidate: its results on the test rows, and every gate in its order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mlops.artifact.frames import frame_inputs
from mlops.artifact.names import MODEL
from mlops.data.load import TrainingData
from mlops.data.row_digests import TIME
from mlops.evaluation.gates.champion import gate_champion
from mlops.evaluation.gates.footprint import gate_footprint, measure_footprint
from mlops.evaluation.metrics.answers import Answers, ClassAnswers
from mlops.intake.training import LoadForServing
from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.manifest import Gate, Manifest
from mlops.registry.standard import Standard
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.compile import Compiled
from mlops.training.evaluation.champion_comparison import Candidate, compare_with_version
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.measurement import Evaluation, defined_metrics, evaluate
from mlops.training.evaluation.procedure import Procedure
from mlops.training.gates.baseline import answer_baseline, gate_baseline
from mlops.training.gates.behaviour import gate_behaviour
from mlops.training.gates.calibration import gate_calibration
from mlops.training.gates.compiled import gate_golden, gate_parity
from mlops.training.gates.consistency import gate_consistency
from mlops.training.gates.floors import gate_floors


@dataclass(frozen=True, kw_only=True)
class Examination:
    """A compiled candidate, its results on the test rows, the baseline's, and the comparison with the champion."""

    compiled: Compiled
    model: CompiledModel
    data: TrainingData
    evaluation: Evaluation
    baseline: Answers
    comparison: Comparison | None
    comparison_with_best: Comparison | None
    consistency: tuple[Gate, ...]

    def metrics(self) -> dict[str, dict[str, float]]:
        """The metrics on training rows and on test rows, and the baseline's on test rows."""
        return {
            "train": defined_metrics(self.model.answer(self.data.train)),
            "test": defined_metrics(self.evaluation.answers),
            "baseline": defined_metrics(self.baseline),
        }

    def gates(self, spec: ModelSpec, held_out: ClassAnswers | None) -> Iterator[Gate]:
        """Every gate but "golden", which needs the version's files. Raises CompilationFailed if it can't be loaded.

        `held_out` are a classifier's answers to training rows that were held out in cross-validation.
        """
        evaluation, answers = self.evaluation, self.evaluation.answers
        rng = np.random.default_rng(spec.seed)
        yield gate_parity(self.compiled.parity)
        yield from gate_floors(evaluation.estimates, spec.floors, spec.target.task, evaluation.slices)
        yield gate_baseline(answers, self.baseline, spec.metric, rng)
        yield from self.consistency
        # Data that contradict what was known can't show which model is better.
        is_contradicted = not all(gate.passed for gate in self.consistency)
        yield from gate_champion(self.comparison, self.comparison_with_best, approvable=is_contradicted)
        if isinstance(answers, ClassAnswers):
            # In a split by time the test rows alone are later than all that was learnt from, as those in use are.
            yield gate_calibration(answers, rng, None if TIME in self.data.test else held_out)
        yield from gate_behaviour(self.model, self.data.test, spec.invariances, spec.directions, rng)
        footprint = measure_footprint(self.compiled.content, frame_inputs(spec.contract, self.data.test.head(1)))
        yield from gate_footprint(footprint, spec.limits)


def examine(
    compiled: Compiled,
    procedure: Procedure,
    data: TrainingData,
    standard: Standard,
    versions: Versions,
    spec: ModelSpec,
    progress: Callable[[str], None],
    seconds: float | None = None,
) -> Examination:
    """Evaluate a candidate on the test rows, and compare it with the baseline, the champion and the best version.

    `procedure` is how it was fitted; `seconds` are about the most that fitting again for the comparisons may take.
    """
    model = CompiledModel(compiled.content, spec.contract, procedure.threshold)
    candidate = Candidate(model, procedure, data, spec, seconds)
    progress(f"evaluate on {len(data.test)} held-out rows")
    evaluation = evaluate(model, data.test, spec)
    champion, best = standard.champion, standard.best
    progress("compare with the champion" if champion else "there is no champion to compare with")
    return Examination(
        compiled=compiled,
        model=model,
        data=data,
        evaluation=evaluation,
        baseline=answer_baseline(data.train, data.test, spec.contract, spec.metric),
        comparison=compare_with_version(candidate, versions, champion) if champion else None,
        comparison_with_best=(compare_with_version(candidate, versions, best) if best and best != champion else None),
        consistency=tuple(gate_consistency(data, versions, standard, spec)) if champion else (),
    )


def gate_against(
    champion: int, manifest: Manifest, versions: Versions, data: TrainingData, spec: ModelSpec
) -> Iterator[Gate]:
    """The champion's gates of a finished version, against a champion other than the one in its manifest."""
    model = CompiledModel(versions.read(manifest, MODEL), manifest.contract, manifest.threshold)
    candidate = Candidate(model, Procedure.read(versions, manifest), data, spec)
    yield from gate_champion(compare_with_version(candidate, versions, champion))


def gate_loaded(load: LoadForServing, manifest: Manifest, files: Mapping[str, bytes], golden_rows: int) -> Gate:
    """The "golden" gate of a version's files: the serving code loads them from a registry in memory."""
    versions = Versions(open_store("memory://"), manifest.model)
    versions.write(manifest, files)
    return gate_golden(load, versions, manifest.version, golden_rows)
