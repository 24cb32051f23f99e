"""Entry point of a server of its own: the same application for any ASGI server, one process a core.

`uvicorn serve:app --loop uvloop --http httptools --lifespan off --no-access-log`: each prediction has its record, which
holds more than an access log. Settings are those of the API function.
"""

import gc

from app import app

gc.freeze()  # what is here now stays

__all__ = ["app"]
