"""The protocols in which clients ask for predictions. All answer from the same check, the same scorer, the same log.

predict.py  our own: POST /predict, named rows in JSON
mlflow/     MLflow's scoring protocol: POST /invocations, data frames in JSON or CSV
v2/         the Open Inference Protocol V2: POST /v2/models/{model}/infer, tensors in JSON or binary

A new protocol is a class that implements protocol.ClientProtocol, and an element of PROTOCOLS.
"""

from mlops.serving.protocols.mlflow.invocations import Invocations
from mlops.serving.protocols.predict import Predict
from mlops.serving.protocols.protocol import ClientProtocol
from mlops.serving.protocols.v2.inference import Inference

PROTOCOLS: tuple[ClientProtocol, ...] = (Predict(), Invocations(), Inference())
