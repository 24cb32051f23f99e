"""A Docker network that identifies our containers and connects them to servers of this machine."""

import asyncio
import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from docker.errors import APIError

from localaws.samlocal.errors import DockerUnavailable

# The host name of this machine in containers.
HOST = "host.docker.internal"
_CHUNK = 64 * 1024


@contextmanager
def open_network(client: Any, name: str) -> Iterator[str]:
    """Create a bridge network for the block; yields the address of this machine on it.

    At the end its remaining containers and the network are removed.
    """
    network = client.networks.create(name, driver="bridge", check_duplicate=True)
    try:
        network.reload()
        yield network.attrs["IPAM"]["Config"][0]["Gateway"]
    finally:
        remove_containers(client, name)
        network.remove()


def remove_containers(client: Any, network: str) -> None:
    """Remove every container of a network."""
    for container in client.networks.get(network).containers:
        with suppress(APIError):  # it's being removed already
            container.remove(force=True)


class Forwarder:
    """Forwards connections from ports of the bridge address to the servers on the same ports of 127.0.0.1."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="forwarder", daemon=True)
        self._thread.start()

    def open(self, port: int) -> None:
        """Forward a port. Raises DockerUnavailable if the bridge isn't on this machine."""
        serve = asyncio.start_server(lambda reader, writer: _relay(reader, writer, port), self._address, port)
        try:
            asyncio.run_coroutine_threadsafe(serve, self._loop).result()
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            raise DockerUnavailable(
                f"Docker's bridge address {self._address} isn't one of this machine, so containers can't reach the "
                "local endpoint. Docker Desktop, a rootless or a remote engine aren't supported: use Docker Engine "
                "on this machine."
            ) from None

    def close(self) -> None:
        """Stop listening and close the connections."""

        async def end() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    with suppress(OSError, asyncio.CancelledError):
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
    writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()
