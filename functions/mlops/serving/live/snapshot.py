"""What a process does when SnapStart takes a snapshot of it, and when it is started again from one.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html: a hook may take 10 seconds.
"""

import sys
from collections.abc import Callable
from typing import Any

from mlops.registry.store import Store
from mlops.serving.live.served_models import ServedModels

type Register = Callable[[Callable[[], Any]], Any]


def survive_snapshots(
    models: ServedModels, open_store: Callable[[], Store], before_snapshot: Register, after_restore: Register
) -> None:
    """Load all models before a snapshot, by a client that doesn't outlive it; after it check that they still serve.

    The registry's own client is first used after the snapshot, so it has no connection that broke in between and no
    credentials that expired. Ids and random numbers come from the kernel at each use, and repeat nothing.
    """

    def load() -> None:
        models.load_all(open_store())

    def renew() -> None:
        if random := sys.modules.get("random"):  # nothing here draws from it, but a library may
            random.seed()
        models.refresh()

    before_snapshot(load)
    after_restore(renew)
