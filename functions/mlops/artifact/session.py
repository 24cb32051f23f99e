"""ONNX Runtime as predictions are served by it. Imports nothing else of this project."""

from onnxruntime import InferenceSession, SessionOptions

_ERRORS_ONLY = 3


def open_session(model: bytes) -> InferenceSession:
    """A session of a compiled model on one thread. Raises what ONNX Runtime raises for a model that it can't load."""
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])
