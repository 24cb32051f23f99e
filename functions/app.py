"""The API: a FastAPI application. api.py runs it on Lambda, serve.py in a server of its own.

Add routes and dependencies below, as in any FastAPI project: `@app.get("/columns")`, `app.include_router(…)`.
"""
# ruff: noqa: E402 - some things are settled before the rest is imported

import os

from mlops.serving.live.prefetch import Prefetch

# The champion's files are fetched while the rest is imported.
prefetch = Prefetch.start(os.environ)

from pydantic import BaseModel

# Each validator is built at its first use: most of those that FastAPI defines are for documents alone.
BaseModel.model_config["defer_build"] = True
from mlops.serving.bootstrap import open_api

del BaseModel.model_config["defer_build"]

api = open_api(os.environ, prefetch)
app = api.app
