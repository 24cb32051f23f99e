"""The table of recent events as template.yaml has it."""

from typing import Any

from localaws.template.load import load
from tests.integration.serving.conftest import ROOT

TABLE = "histories"


def make_table(dynamodb: Any) -> None:
    """Create the table by a client of DynamoDB."""
    resources: Any = load(ROOT / "template.yaml").body["Resources"]
    given = resources["HistoryTable"]["Properties"]
    kept = ("AttributeDefinitions", "KeySchema", "BillingMode")
    dynamodb.create_table(TableName=TABLE, **{name: given[name] for name in kept})
