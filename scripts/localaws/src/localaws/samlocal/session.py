"""`sam local` with local AWS from start to stop: Docker, base image, build, network, servers and logs."""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from localaws.runtime.reaper import Reaper
from localaws.samlocal.base_image import provide_base_image, untag_replacement
from localaws.samlocal.engine import Engine, open_engine
from localaws.samlocal.functions import Deployed, deployed_functions, local_ports, write_variables
from localaws.samlocal.network import HOST, Forwarder, open_network, remove_containers
from localaws.samlocal.servers import SamServer, sam
from localaws.samlocal.shipper import LogShipper


class SamLocal:
    """A context manager: a Docker Engine, and the functions built for it.

    `template` is built with `sam build`; builds are kept under `state`. Entering raises DockerUnavailable, SamFailed.
    """

    def __init__(self, template: Path, state: Path, progress: Callable[[str], None]) -> None:
        self._template, self._progress = template, progress
        self._state = state
        self.folder = state / "sam"
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Open the engine and the network, provide the base image, and build the functions."""
        try:
            self._prepare()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    @property
    def config(self) -> Path:
        """The configuration of `sam local` commands, for `--config-file`, while the functions are served."""
        return self.folder / "samconfig.toml"

    @property
    def variables(self) -> Path:
        """The file with the functions' environment variables."""
        return self.folder / "variables.json"

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = self._exit.enter_context(open_engine(self._state, self._progress))
        self.uses_replacement = provide_base_image(self.engine.client, self._progress)
        if self.uses_replacement and not self.engine.own:
            self._exit.callback(untag_replacement, self.engine.client)
        self._progress("sam build: functions, layers and images")
        places = {"--template-file": self._template, "--build-dir": self.folder / "build"}
        places |= {"--cache-dir": self.folder / "cache"}
        words = [str(word) for option in places.items() for word in option]
        sam("build", "--cached", *words, environment=self.engine.environment, folder=self._template.parent)
        self.network = f"localaws-{secrets.token_hex(4)}"
        self.gateway = self._exit.enter_context(open_network(self.engine.client, self.network))


class SamServers:
    """A context manager: the functions of a stack on local AWS, at `endpoint`, served by the SAM CLI.

    It must end before local AWS, which receives the containers' last log lines.
    """

    def __init__(self, local: SamLocal, clients: Callable[[str], Any], stack: str, endpoint: str) -> None:
        self._local, self._clients = local, clients
        self.functions: Mapping[str, Deployed] = deployed_functions(
            clients("cloudformation"), clients("lambda"), stack, endpoint
        )
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Forward the ports that the functions use, and start collecting the containers' logs."""
        local = self._local
        write_variables(self.functions, local.variables)
        write_config(local)
        self._exit.callback(local.config.unlink, missing_ok=True)
        forwarder = Forwarder(local.gateway)
        self._exit.callback(forwarder.close)
        try:
            for port in sorted(local_ports(self.functions)):
                forwarder.open(port)
        except BaseException:
            self._exit.close()
            raise
        groups = {logical_id: function.log_group for logical_id, function in self.functions.items()}
        shipper = LogShipper(local.engine.client, local.network, groups, self._clients("logs"))
        self._exit.callback(shipper.close)
        # Containers left by a server would continue to write logs.
        self._exit.callback(remove_containers, local.engine.client, local.network)
        self._reaper = self._exit.enter_context(Reaper())
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def serve(self, command: str, port: int, *options: str) -> SamServer:
        """Start `sam local start-api` or `start-lambda`."""
        local = self._local
        words = ["local", command, "--config-file", str(local.config), *options]
        log = local.folder / f"{command}-{port}.log"
        server = SamServer(words, port, log, local.engine.environment, self._reaper)
        self._exit.callback(server.close)
        return server


def write_config(local: SamLocal) -> None:
    """Write the configuration of `sam local` commands, with which their containers reach local AWS."""
    options: dict[str, str | bool] = {
        "template_file": str(local.folder / "build" / "template.yaml"),
        "env_vars": str(local.variables),
        "docker_network": local.network,
        "add_host": f"{HOST}:{local.gateway}",
        "skip_pull_image": local.uses_replacement,
    }
    # Strings and booleans have the same syntax in JSON and TOML.
    lines = [f"{name} = {json.dumps(value)}" for name, value in options.items()]
    sections = [f"[default.local_{command}.parameters]" for command in ("invoke", "start_api", "start_lambda")]
    text = "\n".join(["version = 0.1", *(f"\n{section}\n" + "\n".join(lines) for section in sections), ""])
    local.config.write_text(text)
