"""What people read of missing permissions, and of those that nothing needs."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from localaws.iam.guard import Guard, Missing

logger = logging.getLogger(__name__)


def tell(missing: Missing) -> None:
    """Log a missing permission."""
    logger.warning("IAM: %s", missing)


def unused(guard: Guard) -> Iterator[tuple[str, str]]:
    """Each role with the statements of its own policies that no call has needed, as `policy: statement`."""
    for role, policy in guard.store.statements():
        for statement in policy.statements:
            if statement.allows and not guard.uses.has(statement):
                yield role, f"{policy.name.rpartition('/')[2]}: {statement.sid}"
