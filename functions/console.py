"""Lambda entry point of the console: pages for people, at /console of the API's address."""

import asyncio
import os

import boto3
from mangum import Mangum

from mlops.console.bootstrap import open_console

app = open_console(os.environ, boto3.client)

# Mangum answers in the thread's event loop, which Python doesn't make by itself for much longer.
asyncio.set_event_loop(asyncio.new_event_loop())
handler = Mangum(app, lifespan="off", text_mime_types=["text/", "image/svg+xml"])
