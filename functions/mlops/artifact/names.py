"""The files of a version, by name, and what training writes next to its dataset and about pairs of versions."""

MANIFEST = "manifest.json"
MODEL = "model.onnx"
GOLDEN = "golden.json"
CONTRACT = "contract.json"
DECISION = "decision.json"
PROFILE = "profile.json"
INPUT_EXAMPLE = "input_example.json"
ESTIMATOR = "estimator.skops"
TRAINING_ROWS = "training_rows.npy"
REFERENCES = "monitoring/references.json"
HELD_OUT = "monitoring/held_out.npz"
EVIDENCE = "evidence.json"
CARD = "card.html"
ITEMS = "items.json"
HISTORY_INDEX = "histories.json"
HISTORIES = "histories.bin"
TRAINING_REPORT = ".report.json"
TRAINING_PROGRESS = ".progress.json"
"""Endings of the keys of a training's report and progress: the dataset's key comes before them."""


def changes_key(model: str, first: int, second: int) -> str:
    """The key, in the records bucket, of what changed from one version of a model to a later one.

    Versions never change, and nor does this; where its form does, the key has another number.
    """
    return f"changes/{model}/{first}-{second}.v1.json"
