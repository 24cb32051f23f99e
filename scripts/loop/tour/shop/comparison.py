"""What the new version is worth: the same people at the same moment, and how often they'd click what each shows."""

from loop.errors import LoopFailed
from loop.screen import Screen
from loop.tour.shop.days import Learnt
from simulation.customers import Customers

ASKED = 200


def compare_versions(screen: Screen, customers: Customers, learnt: Learnt) -> None:
    """Print the click-through of both versions. Raises LoopFailed if the new one's isn't higher."""
    old, new = (customers.expect_clicks(ASKED, version) for version in (1, learnt.version))
    if new <= old:
        raise LoopFailed(
            f"Version {learnt.version} would get a click on {new:.1%} of its answers, version 1 on {old:.1%}."
        )
    screen.line(
        f"""
[bold]It learnt from what people did[/]
  {ASKED} people, asked for at the same moment, would click something in {old:.1%} of version 1's answers and in
  {new:.1%} of version {learnt.version}'s: {new / old - 1:+.0%}, by their known taste
  nobody wrote a dataset, started a training or promoted a version"""
    )
