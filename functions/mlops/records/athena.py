"""The records bucket as tables of Athena, by partition projection: nothing needs to be crawled or repaired."""

from collections.abc import Sequence

from mlops.records.layout import FEEDBACK, PREDICTION, Kind, kind_prefix
from mlops.records.schema import FEEDBACK_FIELDS, PREDICTION_FIELDS, Field

PARTITIONS = ("model", "day")
_TABLES: dict[Kind, tuple[str, Sequence[Field]]] = {
    PREDICTION: ("predictions", PREDICTION_FIELDS),
    FEEDBACK: ("feedback", FEEDBACK_FIELDS),
}


def table_ddl(kind: Kind, bucket: str) -> str:
    """The statement that makes the table of a kind of record: `predictions` or `feedback`.

    A query must name the model (`WHERE model = 'diagnosis'`): its partition is injected.
    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    """
    table, fields = _TABLES[kind]
    place = f"s3://{bucket}/{kind_prefix(kind)}"
    columns = ",\n".join(f"  `{field.name}` {field.type}" for field in fields if field.name not in PARTITIONS)
    return f"""\
CREATE EXTERNAL TABLE {table} (
{columns}
)
PARTITIONED BY (`model` string, `day` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')
LOCATION '{place}'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.model.type' = 'injected',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'storage.location.template' = '{place}model=${{model}}/day=${{day}}/'
)"""
