"""Lambda entry point of the API: what an instance pays once is paid here, before its first request."""
# ruff: noqa: E402 - some things are settled before anything is imported

import gc
import os

# Nothing that importing makes is garbage, so the collector needn't look through it while it grows.
gc.disable()
# pydantic would look through the metadata of every package for plug-ins; the layer has none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

import asyncio

from mangum import Mangum

from mlops.serving.wiring import open_api

app = open_api(os.environ).app

# Mangum answers in the thread's event loop, which Python doesn't make by itself for much longer.
asyncio.set_event_loop(asyncio.new_event_loop())
# Mangum would run a lifespan at every invocation, and send what it doesn't know for text in base64.
handler = Mangum(app, lifespan="off", text_mime_types=["text/", "application/json", "application/problem+json"])

# What is here now stays: the collector needn't look through it again and again between requests.
gc.freeze()
gc.enable()
