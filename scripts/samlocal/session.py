"""The story of `sam local` beside local AWS: an engine, an image, a build, a network, two servers, and their logs."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from localaws.runtime.reaper import Reaper
from samlocal.base_image import forget_stand_in, provide_base_image
from samlocal.engine import Engine, open_engine
from samlocal.functions import Deployed, deployed_functions, local_ports, write_variables
from samlocal.network import HOST, Forwarder, open_network, remove_containers
from samlocal.servers import SamServer, sam
from samlocal.shipper import LogShipper


class SamLocal:
    """A context manager: built on entry, it can `connect` to a stack on local AWS and serve its functions.

    What it started ends with it, in the reverse order; builds are kept under `state`.
    """

    def __init__(self, root: Path, state: Path, progress: Callable[[str], None]) -> None:
        self._root, self._state, self._progress = root, state, progress
        self._exit = ExitStack()
        self.functions: Mapping[str, Deployed] = {}

    def __enter__(self) -> Self:
        """Have an engine, an image to start from, and the built functions. Raises DockerUnavailable, SamFailed."""
        try:
            self._prepare()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    @property
    def template(self) -> Path:
        """The template that `sam build` has made."""
        return self._state / "sam" / "build" / "template.yaml"

    @property
    def environment(self) -> dict[str, str]:
        """What the SAM CLI needs in its environment."""
        return self.engine.environment

    @property
    def options(self) -> list[str]:
        """The options of each `sam local` command, so that its containers reach local AWS."""
        words = ["--template-file", str(self.template), "--env-vars", str(self._variables)]
        words += ["--docker-network", self._network, "--add-host", f"{HOST}:{self._gateway}"]
        return [*words, *(["--skip-pull-image"] if self.stand_in else [])]

    def connect(self, clients: Callable[[str], Any], stack: str, endpoint: str) -> None:
        """Open the way from containers to the servers that the stack's functions use, and bring their output there."""
        self.functions = deployed_functions(clients("cloudformation"), clients("lambda"), stack, endpoint)
        write_variables(self.functions, self._variables)
        forwarder = Forwarder(self._gateway)
        self._exit.callback(forwarder.close)
        for port in sorted(local_ports(self.functions)):
            forwarder.open(port)
        groups = {logical_id: function.log_group for logical_id, function in self.functions.items()}
        shipper = LogShipper(self.engine.client, self._network, groups, clients("logs"))
        self._exit.callback(shipper.close)
        # What a server leaves would go on writing.
        self._exit.callback(remove_containers, self.engine.client, self._network)
        self._reaper = self._exit.enter_context(Reaper())

    def serve(self, command: str, port: int, *options: str) -> SamServer:
        """Start `sam local start-api` or `start-lambda`; it ends with this session."""
        log = self._state / "sam" / f"{command}-{port}.log"
        server = SamServer(["local", command, *self.options, *options], port, log, self.environment, self._reaper)
        self._exit.callback(server.close)
        return server

    def _prepare(self) -> None:
        (self._state / "sam").mkdir(parents=True, exist_ok=True)
        self.engine: Engine = self._exit.enter_context(open_engine(self._state, self._progress))
        self.stand_in = provide_base_image(self.engine.client, self._progress)
        if self.stand_in and not self.engine.own:
            self._exit.callback(forget_stand_in, self.engine.client)
        self._build()
        self._network = f"mlops-{secrets.token_hex(4)}"
        self._gateway = self._exit.enter_context(open_network(self.engine.client, self._network))
        self._variables = self._state / "sam" / f"{self._network}.json"
        self._exit.callback(self._variables.unlink, missing_ok=True)

    def _build(self) -> None:
        folder = self._state / "sam"
        self._progress("sam build: the functions, the layer and the training image")
        places = {"--template-file": self._root / "template.yaml", "--build-dir": folder / "build"}
        words = [word for option in {**places, "--cache-dir": folder / "cache"}.items() for word in map(str, option)]
        sam("build", "--cached", *words, environment=self.environment, folder=self._root)
