"""Lambda entry point of the API: what an instance pays once is paid here, before its first request."""
# ruff: noqa: E402 - some things are settled before anything is imported

import gc
import os

# Nothing that importing makes is garbage, so the collector needn't look through it while it grows.
gc.disable()
# pydantic would look through the metadata of every package for plug-ins; the layer has none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from mlops.serving.live.prefetch import Prefetch

# The champion is on its way while the rest is imported.
prefetch = Prefetch.start(os.environ)

import asyncio

from mangum import Mangum
from snapshot_restore_py import register_after_restore, register_before_snapshot

from mlops.serving.bootstrap import open_api
from mlops.serving.live.snapshot import survive_snapshots

api = open_api(os.environ, prefetch)
survive_snapshots(api.champions, api.open_store, register_before_snapshot, register_after_restore)

# Mangum answers in the thread's event loop, which Python doesn't make by itself for much longer.
asyncio.set_event_loop(asyncio.new_event_loop())
# Mangum would run a lifespan at every invocation, and send what it doesn't know for text in base64.
handler = Mangum(api.app, lifespan="off", text_mime_types=["text/", "application/json", "application/problem+json"])

# What is here now stays: the collector needn't look through it again and again between requests.
gc.freeze()
gc.enable()
