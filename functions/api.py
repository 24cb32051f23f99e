"""Lambda entry point of the API: what an instance pays once is paid here, before its first request."""
# ruff: noqa: E402 - some things are settled before anything is imported

import gc
import os

# Importing makes no garbage, so the collector needn't traverse what grows.
gc.disable()
# pydantic would look through the metadata of every package for plug-ins; the layer has none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# First of all: it starts to fetch the champion.
from app import api, app

# isort: split

import asyncio

from mangum import Mangum
from snapshot_restore_py import register_after_restore, register_before_snapshot

from mlops.serving.live.snapshot import survive_snapshots

survive_snapshots(api.models, api.open_store, register_before_snapshot, register_after_restore)

# Mangum answers in the thread's event loop, which Python doesn't make by itself for much longer.
asyncio.set_event_loop(asyncio.new_event_loop())
# Mangum would run a lifespan at every invocation, and encode text types that it doesn't know in base64.
handler = Mangum(app, lifespan="off", text_mime_types=["text/", "application/json", "application/problem+json"])

# What is here now stays: the collector needn't traverse it between requests.
gc.freeze()
gc.enable()
