"""Asks a server, by KServe's own client, for the rows of its standard input.

Arguments: the server's address, and a key of it.

Prints a JSON document: what is ready, and the probabilities of the rows by how they were sent.
"""

import asyncio
import json
import sys
from typing import Any

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

MODEL = "diagnosis"


async def ask(url: str, key: str, rows: list[dict[str, float]]) -> dict[str, Any]:
    """The document."""
    headers = {"authorization": f"Bearer {key}"}
    client = InferenceRESTClient(RESTConfig(protocol="v2", timeout=30))
    found: dict[str, Any] = {
        "server is ready": await client.is_server_ready(url, headers=headers),
        "server is live": await client.is_server_live(url, headers=headers),
        "model is ready": await client.is_model_ready(url, MODEL, headers=headers),
    }
    for binary in (False, True):
        inputs = []
        for name in rows[0]:
            tensor = InferInput(name, [len(rows)], "FP64")
            tensor.set_data_from_numpy(np.array([row[name] for row in rows]), binary_data=binary)
            inputs.append(tensor)
        request = InferRequest(MODEL, inputs, request_id="7", parameters={"content_type": "pd"})
        assert "model_name" in json.dumps(InferRequest(MODEL, []).to_rest()[0])
        answer = await client.infer(url, request, model_name=MODEL, headers=headers)
        assert (answer.id, answer.model_name) == ("7", MODEL)
        outputs = {output.name: output.as_numpy() for output in answer.outputs}
        found["binary" if binary else "JSON"] = outputs["probabilities"].tolist()
    await client.close()
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ask(sys.argv[1], sys.argv[2], json.load(sys.stdin)))))  # noqa: T201
