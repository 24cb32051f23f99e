"""Requests a second: this project's server next to FastAPI with `implicit`, on the same histories, in the same run.

Run: PYTHONPATH=functions:scripts:scripts/localaws/src:scripts/localaws/tests .venv/bin/python -m
tests.bench.recommender.throughput [--rounds 3] [--seconds 3]

Each server has one process, by Uvicorn with uvloop and httptools; the client is wrk. Both solve for a user whom they
have never seen, from the history in the request, leave its items out, and answer ten. Ours writes its records. An ASGI
application that answers a constant says what is Uvicorn's own of either's time. Next to requests a second stands the
processor's time of one: other processes don't lengthen it.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import boto3
from scipy.sparse import csr_matrix, save_npz

from localaws_testing.ports import free_port
from mlops.registry.store import open_store
from tests.bench.fixture import BUCKET
from tests.bench.load import press, require_wrk
from tests.bench.places import PEERS, ROOT, make_environment
from tests.bench.processes import processor_seconds, running, wait_for_answer
from tests.bench.recommender.shops import Shop, make_shops, put_shop
from tests.bench.s3 import local_s3

CLIENTS = (1, 8)
HISTORIES = (10, 50)
_UVICORN = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")


@dataclass(frozen=True)
class Server:
    """A server: its name, its command but for the port, its environment, where it runs, and the path of a shop."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    path: str


def main() -> None:
    """Measure, and print each round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    require_wrk()
    with local_s3() as s3, tempfile.TemporaryDirectory() as scratch:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        for shop in make_shops():
            put_shop(open_store(f"s3://{BUCKET}"), shop)
            servers = [_make_ours(shop, s3), _make_peer(shop, Path(scratch)), _make_bare()]
            for _ in range(options.rounds):
                for server in servers:
                    print(_measure(server, shop, options.seconds, Path(scratch)), flush=True)


def _measure(server: Server, shop: Shop, seconds: float, scratch: Path) -> str:
    port = free_port()
    rates = []
    with running([*server.command, "--port", str(port)], server.environ, server.folder) as process:
        for size in HISTORIES:
            body = json.dumps({"history": shop.events(size), "k": 10}).encode()
            answer = json.loads(wait_for_answer(process, port, server.path, body, "application/json"))
            assert len(answer["items"]) == 10
            press(port, server.path, body, 1, 1, scratch)
            for clients in CLIENTS:
                before = processor_seconds(process.pid)
                load = press(port, server.path, body, clients, seconds, scratch)
                spent = (processor_seconds(process.pid) - before) / load.requests * 1e6
                rates.append(f"{size} events, {clients} clients: {load.rate:6,.0f}/s, {spent:5,.0f} µs")
    return f"{shop.histories.shape[1]:6,} items  {server.name:32} {'  '.join(rates)}"


def _make_ours(shop: Shop, s3: Mapping[str, str]) -> Server:
    requirements = ROOT / "layers" / "server" / "requirements.txt"
    binaries = make_environment("ours", requirements) / "bin"
    return Server(
        "this project",
        [str(binaries / "uvicorn"), "serve:app", "--lifespan", "off", *_UVICORN],
        _environ(**s3, MODELS_BUCKET=BUCKET, DEFAULT_MODEL=shop.name, AUTHORIZATION="open"),
        ROOT / "functions",
        f"/models/{shop.name}/recommend",
    )


def _make_bare() -> Server:
    uvicorn = make_environment("ours", ROOT / "layers" / "server" / "requirements.txt") / "bin" / "uvicorn"
    command = [str(uvicorn), "bare_asgi:app", "--lifespan", "off", *_UVICORN]
    return Server("Uvicorn with a constant answer", command, _environ(), PEERS, "/recommend")


def _make_peer(shop: Shop, scratch: Path) -> Server:
    environment = make_environment("recommender_server", PEERS / "recommender_server.in")
    histories, model = scratch / f"{shop.name}-histories.npz", scratch / f"{shop.name}-als.npz"
    save_npz(histories, csr_matrix(shop.histories))
    command = [
        str(environment / "bin" / "python"),
        str(PEERS / "recommender_server_fit.py"),
        str(histories),
        str(model),
    ]
    subprocess.run(command, check=True, env=_environ(OPENBLAS_NUM_THREADS="1"), cwd=scratch)
    return Server(
        "FastAPI + implicit's ALS",
        [str(environment / "bin" / "uvicorn"), "recommender_server:app", *_UVICORN],
        # As implicit's documentation advises: its own threads and those of OpenBLAS get in each other's way.
        _environ(ALS=str(model), OPENBLAS_NUM_THREADS="1"),
        PEERS,
        "/recommend",
    )


def _environ(**added: str) -> dict[str, str]:
    """This environment without what belongs to this project's own Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, **added}


if __name__ == "__main__":
    main()
