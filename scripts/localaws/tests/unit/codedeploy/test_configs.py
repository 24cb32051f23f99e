"""How configurations shift traffic."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.codedeploy.configs import DeploymentConfig, checked_routing, predefined


def shifts(routing: dict[str, Any] | None) -> list[tuple[float, float]]:
    return DeploymentConfig("any", checked_routing(routing), 0).shifts


def test_every_account_has_the_configurations_of_lambda() -> None:
    assert sorted(name.removeprefix("CodeDeployDefault.Lambda") for name in predefined(0)) == [
        "AllAtOnce",
        "Canary10Percent10Minutes",
        "Canary10Percent15Minutes",
        "Canary10Percent30Minutes",
        "Canary10Percent5Minutes",
        "Linear10PercentEvery10Minutes",
        "Linear10PercentEvery1Minute",
        "Linear10PercentEvery2Minutes",
        "Linear10PercentEvery3Minutes",
    ]


def test_no_routing_is_all_at_once() -> None:
    assert shifts(None) == shifts({"type": "AllAtOnce"}) == [(0, 1)]


def test_a_canary_has_two_steps() -> None:
    assert predefined(0)["CodeDeployDefault.LambdaCanary10Percent30Minutes"].shifts == [(0, 0.1), (1800, 1)]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (50, [(0, 0.5), (60, 1)]),
        (30, [(0, 0.3), (60, 0.6), (120, 0.9), (180, 1)]),
        (99, [(0, 0.99), (60, 1)]),
        (25, [(0, 0.25), (60, 0.5), (120, 0.75), (180, 1)]),
    ],
)
def test_linear_steps_end_with_all_traffic(percent: int, expected: list[tuple[float, float]]) -> None:
    linear = {"linearPercentage": percent, "linearInterval": 1}
    assert shifts({"type": "TimeBasedLinear", "timeBasedLinear": linear}) == expected
