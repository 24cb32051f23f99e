"""The contract of a small question, to tell long from short leaves, without what it's learnt with."""

from mlops.contract import Column, Contract, Target

CONTRACT = Contract(
    columns=(
        Column(name="length", unit="mm", minimum=0, maximum=100),
        Column(name="width", unit="mm", minimum=0, maximum=50),
    ),
    target=Target(name="kind", task="binary", labels=("short", "long"), positive="long"),
)
