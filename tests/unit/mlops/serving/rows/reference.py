"""Which rows a contract takes, by one pydantic validator: what RowReader must agree with."""

from typing import Any

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core import core_schema as schema

from mlops.contract import Contract
from mlops.serving.rows.cells import make_schema


class Reference:
    """The validator of whole bodies, whose errors cost what the rows cost and more."""

    def __init__(self, contract: Contract, max_rows: int) -> None:
        fields = {}
        for column in contract.columns:
            cell = make_schema(column)
            kind = cell if column.required else schema.nullable_schema(cell)
            fields[column.name] = schema.typed_dict_field(kind, required=column.required)
        row = schema.typed_dict_schema(fields, extra_behavior="forbid")
        rows = schema.list_schema(row, min_length=1, max_length=max_rows)
        self._validator = SchemaValidator(
            schema.typed_dict_schema({"rows": schema.typed_dict_field(rows)}, extra_behavior="forbid")
        )

    def read(self, body: bytes) -> list[dict[str, Any]] | None:
        """The rows, or None if the body is refused."""
        try:
            rows: list[dict[str, Any]] = self._validator.validate_json(body)["rows"]
        except ValidationError:
            return None
        return rows

    def count_errors(self, body: bytes) -> int:
        """How many errors the body has."""
        try:
            self._validator.validate_json(body)
        except ValidationError as error:
            return error.error_count()
        return 0
