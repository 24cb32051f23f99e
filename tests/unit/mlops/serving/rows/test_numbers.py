"""A number is a number, and a date a date, through every door: digits of other scripts and look-alikes aren't."""

import json
from typing import Any

import pytest

from mlops.errors.serving import InputRejected
from mlops.serving.protocols.mlflow.tables import read_table
from mlops.serving.rows.reader import RowReader
from tests.unit.mlops.serving.artifacts import MIXED
from tests.unit.mlops.serving.harness import Api

LOOK_ALIKES = ["\uff11\uff12", "٣", "१२", "²", "½", "Ⅷ", "1_0", "0x10", "\uff11e3", "\u22121", "1\u00a000"]
ROW = {"age": 30, "city": "Bern", "smokes": True, "size": None, "since": "1970-01-11", "weight": 70.5}


@pytest.mark.parametrize("text", LOOK_ALIKES)
@pytest.mark.parametrize("column", ["age", "weight"])
def test_a_look_alike_of_a_number_is_none_in_csv(text: str, column: str) -> None:
    cells = {**{name: str(cell or "") for name, cell in ROW.items()}, column: f'"{text}"'}
    body = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    with pytest.raises(InputRejected, match=f"{column} must be a"):
        read_table(body, MIXED, RowReader(MIXED, 10))


@pytest.mark.parametrize(("text", "number"), [("\u00a01", 1), ("1\u00a0000", 1000), ("1,000.5", 1000.5), ("NA", None)])
def test_a_number_in_csv_is_stripped_and_may_have_separated_thousands_as_in_a_dataset(
    text: str, number: float | None
) -> None:
    cells = {**{name: str(cell or "") for name, cell in ROW.items()}, "size": f'"{text}"'}
    body = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    contract = MIXED.model_copy(
        update={
            "columns": tuple(
                each.model_copy(update={"kind": "number", "categories": (), "minimum": None, "maximum": None})
                if each.name == "size"
                else each
                for each in MIXED.columns
            )
        }
    )
    assert read_table(body, contract, RowReader(contract, 10))[0]["size"] == number


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_of_a_number_is_none_in_a_header_or_a_query(api: Api, text: str) -> None:
    given = {"inference_header_content_length": text}
    assert api.ask("POST", "/v2/models/diagnosis/infer", b"{}", **given).status == 400
    assert api.ask("POST", f"/models/diagnosis/versions/{text}/predict", "{}").status == 404
    assert api.ask("POST", "/predict", "{}", query="explain=%EF%BC%91", content_type="application/json").status == 400


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "86400",
        "-86400",
        "\uff12\uff10\uff12\uff16-01-31",
        "2026-01-31T00:00:00",
        " 2026-01-31",
        "20260131",
        "2026-1-31",
        "2026-02-30",
    ],
)
def test_a_look_alike_of_a_date_is_none(text: Any) -> None:
    with pytest.raises(InputRejected, match='since must be a date, "YYYY-MM-DD"'):
        RowReader(MIXED, 10).read(json.dumps({"rows": [{**ROW, "since": text}]}).encode())
