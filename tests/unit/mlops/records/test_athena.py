"""The tables of Athena have the columns that the objects have."""

import gzip
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from mlops.records.athena import PARTITIONS, table_ddl
from mlops.records.decode import feedback_schema, prediction_schema
from mlops.records.layout import FEEDBACK, PREDICTION, Kind, day_prefix, kind_prefix
from mlops.records.schema import FEEDBACK_FIELDS, PREDICTION_FIELDS, Field
from mlops.records.truths import Truth
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, NOON, REGRESSION, contents, make_id, put_truths

TABLES = [(PREDICTION, PREDICTION_FIELDS), (FEEDBACK, FEEDBACK_FIELDS)]


def columns(ddl: str) -> list[tuple[str, str]]:
    table, _, rest = ddl.partition("PARTITIONED BY")
    return re.findall(r"`(\w+)` ([\w<>,]+?)(?=,?\n|, |\))", table) + re.findall(r"`(\w+)` (\w+)", rest)


@pytest.mark.parametrize(("kind", "fields"), TABLES)
def test_a_table_has_the_fields_of_the_schema_each_once(kind: Kind, fields: Sequence[Field]) -> None:
    found = columns(table_ddl(kind, "bucket"))
    expected = [(field.name, field.type) for field in fields if field.name not in PARTITIONS]
    assert found == [*expected, ("model", "string"), ("day", "string")]


@pytest.mark.parametrize(("kind", "fields"), TABLES)
def test_a_table_finds_its_objects_where_they_are_put(kind: Kind, fields: Sequence[Field]) -> None:
    ddl = table_ddl(kind, "bucket")
    template = re.search(r"'storage.location.template' = '(.*)'", ddl)
    assert template
    place = template[1].replace("${model}", MODEL).replace("${day}", "2026-11-29")
    assert place == f"s3://bucket/{day_prefix(kind, MODEL, NOON.date())}"
    assert f"LOCATION 's3://bucket/{kind_prefix(kind)}'" in ddl


@pytest.mark.parametrize(("kind", "fields"), TABLES)
def test_the_docs_have_the_same_statement(kind: Kind, fields: Sequence[Field]) -> None:
    docs = (Path(__file__).parents[4] / "docs" / "records.md").read_text(encoding="utf-8")
    assert table_ddl(kind, "<records bucket>") in docs


def test_what_readers_read_is_in_the_schema() -> None:
    for contract in (CONTRACT, REGRESSION):
        assert {*prediction_schema(contract, None, None).names} < {field.name for field in PREDICTION_FIELDS}
        assert {*feedback_schema(contract, ["customer"]).names} < {field.name for field in FEEDBACK_FIELDS}


def test_what_is_stored_of_feedback_is_in_the_schema() -> None:
    store = MemoryStore()
    put_truths(
        store, [Truth(make_id(NOON), "yes", NOON), Truth(None, "no", NOON, {"customer": "x"})], NOON + timedelta(1)
    )
    ((_, content),) = contents(store).items()
    lines = [json.loads(line) for line in gzip.decompress(content).splitlines()]
    assert {name for line in lines for name in line} == {field.name for field in FEEDBACK_FIELDS}
