"""Entry point of a server of its own: the same application as api.py's, for a container.

`python serve.py --help` shows its limits. `uvicorn serve:app --loop uvloop --http httptools --lifespan off
--no-access-log` serves it too, with the limit on bytes in flight alone (docs/serving.md).
"""

import os
import sys

if __name__ == "__main__":
    from mlops.serving.container.command import serve

    serve("serve:app", sys.argv[1:], os.environ)
elif __name__ == "serve":
    # An ASGI server imports the application; a process of several that is being started imports this file as another.
    import gc

    from app import app as api
    from mlops.serving.container.bytes_in_flight import BytesInFlight
    from mlops.serving.container.refusals import RefusalLog
    from mlops.serving.container.settings import ContainerSettings
    from mlops.settings import read_settings
    from mlops.telemetry import make_logger

    settings = read_settings(ContainerSettings, os.environ)
    app = BytesInFlight(api, settings.max_bytes_in_flight, RefusalLog(make_logger()))
    gc.freeze()  # what is here now stays
