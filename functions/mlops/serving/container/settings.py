"""The settings of a server of its own."""

from typing import Annotated

from pydantic import Field

from mlops.settings import Settings

type Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class ContainerSettings(Settings):
    """Addresses and limits of one server process; each field is the environment variable of the same name in capitals.

    The descriptions are the help of `python serve.py`.
    """

    serve_host: Annotated[str, Field(min_length=1, description="address to listen on; 0.0.0.0 in a container")] = (
        "127.0.0.1"
    )
    serve_port: Annotated[int, Field(ge=1, le=65_535, description="port to listen on")] = 8000
    serve_workers: Annotated[
        int, Field(ge=1, le=1_000, description="processes, one a core; each limit below holds for each process")
    ] = 1
    max_connections: Annotated[
        int, Field(ge=1, description="open connections; the next one is answered 503 and closed")
    ] = 500
    header_seconds: Annotated[Seconds, Field(description="time for a request's headers to arrive")] = 10.0
    max_header_bytes: Annotated[int, Field(ge=1_024, description="bytes of a request's headers")] = 65_536
    body_seconds: Annotated[Seconds, Field(description="time for a request's whole body to arrive")] = 60.0
    min_body_rate: Annotated[
        int, Field(ge=0, description="bytes a second at which a body must arrive at least; 0: any")
    ] = 1_000
    answer_seconds: Annotated[Seconds, Field(description="time for the client to take an answer")] = 60.0
    keep_alive_seconds: Annotated[
        Seconds, Field(description="time that an idle connection stays open; more than a proxy's own, if there is one")
    ] = 5.0
    max_bytes_in_flight: Annotated[
        int, Field(ge=1, description="bytes of bodies that are held for all requests together; more is answered 503")
    ] = 64_000_000
    shutdown_seconds: Annotated[
        int, Field(ge=0, le=86_400, description="time for open requests to end after SIGTERM")
    ] = 20
