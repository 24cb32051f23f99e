"""How `mlops models diff-data` shows a difference of datasets."""

import pytest

from cli.models.diff_data import summarise, to_document
from mlops.data.difference import CommonValues, Quartiles, Shift


def test_a_summary_is_a_median_with_quartiles_or_common_values_with_shares() -> None:
    assert summarise(Quartiles(1.0, 2.5, 4.0)) == "2.5000 (1.0000 to 4.0000)"
    assert summarise(Quartiles(None, None, None)) == "\N{EN DASH} (\N{EN DASH} to \N{EN DASH})"
    assert summarise(CommonValues((("red", 0.75), ("green", 0.2)))) == "red 75%, green 20%"


@pytest.mark.parametrize(("p_value", "shifted"), [(0.001, True), (0.5, False)])
def test_a_program_gets_the_summaries_and_whether_chance_explains_the_distance(p_value: float, shifted: bool) -> None:
    quartiles = Quartiles(1.0, 2.0, 3.0)
    shift = Shift("height", quartiles, quartiles, missing_before=0.0, missing_after=0.1, distance=0.2, p_value=p_value)
    document = to_document(shift)
    assert document["before"] == document["after"] == "2.0000 (1.0000 to 3.0000)"
    assert (document["column"], document["shifted"], document["missing_after"]) == ("height", shifted, 0.1)
