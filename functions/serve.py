"""Entry point of a long-running server of the same API: an application for any ASGI server, one process a core.

`uvicorn serve:app --loop uvloop --http httptools --lifespan off --no-access-log`: each prediction has its record, which
tells more than an access log. Settings are those of the API function.
"""

import gc
import os

from mlops.serving.bootstrap import open_api

app = open_api(os.environ).app
gc.freeze()  # what is here now stays
