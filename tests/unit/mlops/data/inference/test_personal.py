"""What names or describes a person."""

from typing import Any

import pandas as pd
import pytest

from mlops.data.inference.personal import looks_personal

PERSONAL: dict[str, tuple[str, str, list[Any], bool]] = {
    "a number of a phone": ("phone", "category", ["+41 79 123 45 67", "+41 78 765 43 21"], True),
    "digits of a phone": ("phone_number", "integer", [41_791_234_567.0, 41_787_654_321.0], True),
    "an e-mail": ("Email", "category", ["a@b.c"], True),
    "a birthday": ("birth_date", "date", [1000.0], True),
    "a year of birth": ("birth_year", "integer", [1970.0, 1985.0], True),
    "a service": ("phone_service", "category", ["Yes", "No"], False),
    "a service with a third answer": ("PhoneService", "category", ["Yes", "No", "No phone service"], False),
    "a flag": ("email_opt_in", "boolean", [1.0, 0.0], False),
    "a count of phones": ("phones", "integer", [1.0, 2.0], False),
    "a weight": ("birth_weight", "number", [2.9, 3.4], False),
    "a count of e-mails": ("emails_sent", "integer", [120_000.0, 90_000.0], False),
}


@pytest.mark.parametrize("name", PERSONAL)
def test_what_names_a_person_looks_personal_and_whether_one_has_a_phone_does_not(name: str) -> None:
    called, kind, known, wanted = PERSONAL[name]
    assert looks_personal(called, kind, pd.Series(known)) is wanted  # type: ignore[arg-type]
