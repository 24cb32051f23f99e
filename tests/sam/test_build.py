"""`sam build`: the code, the layer, and the training image, built by Docker from its Dockerfile."""

from pathlib import Path
from typing import Any

import yaml

from tests.sam.conftest import BUILD


def built() -> dict[str, Any]:
    class Loader(yaml.SafeLoader):
        """Takes CloudFormation's tags for plain values."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: suffix)
    resources: dict[str, Any] = yaml.load((BUILD / "template.yaml").read_text(), Loader)["Resources"]
    return resources


def test_the_zip_function_and_its_layer_are_folders_of_the_build(sam: Any) -> None:
    code = BUILD / Path(built()["ApiFunction"]["Properties"]["CodeUri"])
    layer = BUILD / Path(built()["ServingLayer"]["Properties"]["ContentUri"])
    assert (code / "api.py").is_file()
    assert (layer / "python/onnxruntime").is_dir()
    assert not (layer / "python/sklearn").exists()


def test_the_training_image_is_what_its_dockerfile_says(sam: Any) -> None:
    image = sam.engine.images.get(built()["TrainFunction"]["Properties"]["ImageUri"])
    assert image.attrs["Config"]["Cmd"] == ["train.handler"]
    assert image.attrs["Config"]["Entrypoint"] == ["/lambda-entrypoint.sh"]
    history = " ".join(layer["CreatedBy"] for layer in image.history())
    assert "pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt" in history
