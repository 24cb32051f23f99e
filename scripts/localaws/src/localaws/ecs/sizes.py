"""The sizes that tasks of Fargate can have.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
"""

from __future__ import annotations

import re

from localaws.ecs.errors import ClientError

_GIB = 1024
# CPU units (1,024 are one vCPU) → the memory in MiB: the least, the most, and the step between them.
_RANGES: dict[int, tuple[int, int, int]] = {
    512: (_GIB, 4 * _GIB, _GIB),
    1024: (2 * _GIB, 8 * _GIB, _GIB),
    2048: (4 * _GIB, 16 * _GIB, _GIB),
    4096: (8 * _GIB, 30 * _GIB, _GIB),
    8192: (16 * _GIB, 60 * _GIB, 4 * _GIB),
    16384: (32 * _GIB, 120 * _GIB, 8 * _GIB),
}
_SMALLEST = (512, 1024, 2048)
_UNITS = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>vcpu|gb)?", re.IGNORECASE)


def units(text: object) -> int:
    """CPU units or MiB of a size: `1024`, `1 vCPU`, `2 GB`. Raises ClientError."""
    found = _UNITS.fullmatch(str(text).strip())
    if found is None:
        raise ClientError(f"Invalid 'cpu' or 'memory' setting for task: {text}")
    return int(float(found["number"]) * (_GIB if found["unit"] else 1))


def check_size(cpu: int, memory: int) -> None:
    """Raise ClientError for a size that Fargate doesn't have."""
    least, most, step = _RANGES.get(cpu, (0, -1, 1))
    possible = memory in _SMALLEST if cpu == 256 else least <= memory <= most and memory % step == 0
    if not possible:
        raise ClientError(f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory.")
