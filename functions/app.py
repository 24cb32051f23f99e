"""The API: a FastAPI application. api.py runs it on Lambda, serve.py in a server of its own.

Add routes and middleware below, as in any FastAPI project: `@app.get("/columns")`, `app.include_router(…)`.
"""
# ruff: noqa: E402 - some things are settled before the rest is imported

import os

# A process answers in one thread. OpenBLAS, which NumPy loads, would start another one for each further core, and each
# spins for 80 ms when it has been started: a function that has a core to itself, or less, pays for that.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from mlops.serving.live.prefetch import Prefetch

# The champion's files are fetched while the rest is imported.
prefetch = Prefetch.start(os.environ)

from mlops.serving.deferred_validators import deferred_validators

with deferred_validators():
    from mlops.serving.bootstrap import open_api

api = open_api(os.environ, prefetch)
app = api.app
