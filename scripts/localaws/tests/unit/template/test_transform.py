"""What SAM's translator makes of a template."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.errors import TemplateError
from localaws.template.transform import SAM, expand


def expanded(resources: dict[str, Any]) -> dict[str, Any]:
    return dict(expand({"Transform": SAM, "Resources": resources}, {}, "us-east-1")["Resources"])


@pytest.mark.proves("AWS::Serverless::LayerVersion.RetentionPolicy")
@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_a_layers_retention_becomes_its_deletion_policy(policy: str) -> None:
    layer = {"ContentUri": "s3://bucket/layer.zip", "RetentionPolicy": policy}
    (made,) = expanded({"Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": layer}}).values()
    assert (made["Type"], made["DeletionPolicy"]) == ("AWS::Lambda::LayerVersion", policy)


def test_an_error_of_the_translator_is_reported_with_its_cause() -> None:
    function = {"Runtime": "python3.13", "Handler": "a.b", "InlineCode": "", "AutoPublishCodeSha256": 1}
    with pytest.raises(TemplateError, match=r"\[F\] is invalid.*AutoPublishCodeSha256"):
        expanded({"F": {"Type": "AWS::Serverless::Function", "Properties": function}})
