"""The files of a version, by name."""

MANIFEST = "manifest.json"
MODEL = "model.onnx"
GOLDEN = "golden.json"
CONTRACT = "contract.json"
DECISION = "decision.json"
PROFILE = "profile.json"
INPUT_EXAMPLE = "input_example.json"
ESTIMATOR = "estimator.skops"
TRAINING_ROWS = "training_rows.npy"
PUBLIC_TRAINING_ROWS = "training_rows.public.npy"  # in its place where some columns are private
EVIDENCE = "evidence.json"
CARD = "card.html"
