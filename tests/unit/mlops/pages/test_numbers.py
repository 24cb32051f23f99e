"""Numbers are written as people read them."""

import pytest

from mlops.pages.numbers import write_gain, write_number, write_p_value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.98246, "0.982"),
        (1.0, "1.000"),
        (0.0, "0"),
        (3.3e-16, "3.3e-16"),
        (42.5, "42.50"),
        (12345.6, "12,346"),
        (1.4e41, "1.4e+41"),
        (100, "100"),
        (float("nan"), "undefined"),
        ("not worse", "not worse"),
        (None, "\N{EN DASH}"),
        (-0.018, "-0.018"),
    ],
)
def test_numbers_have_as_many_digits_as_can_matter(value: float | str | None, written: str) -> None:
    assert write_number(value) == written


def test_a_p_value_is_never_written_as_zero() -> None:
    assert (write_p_value(0.0234), write_p_value(0.0)) == ("0.023", "< 0.001")


def test_a_gain_has_its_sign_and_the_digits_of_a_small_one() -> None:
    assert (write_gain(0.00046), write_gain(-0.0008), write_gain(12.3)) == ("+0.0005", "-0.0008", "+12.30")
