"""Calls every operation of a generated client, with the bodies of its standard input.

Arguments: the client's folder, the server's address, and a key of it. Standard input: `{operation: [body, …]}`,
operations named as the client's modules are. Prints `{operation: [answer, …]}` once body and answer came back from the
client's own classes as they were given.
"""

import inspect
import json
import pkgutil
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, get_args, get_type_hints


def call(module: ModuleType, client: Any, body: Any) -> Any:
    """The answer to one call of an operation, for version 1 of the model diagnosis where its path asks."""
    arguments: dict[str, Any] = {"version": 1, "model": "diagnosis"}
    arguments = {
        name: arguments[name] for name in inspect.signature(module.sync_detailed).parameters.keys() & arguments
    }
    if body is not None:
        arguments["body"] = make_body(module, body)
    answer = module.sync_detailed(client=client, **arguments)
    assert answer.status_code == 200, answer.content
    if not hasattr(answer.parsed, "to_dict"):
        return answer.parsed
    document = json.loads(answer.content)
    assert with_plain_times(answer.parsed.to_dict()) == with_plain_times(document), answer.parsed
    return document


def make_body(module: ModuleType, body: Any) -> Any:
    """The body as one of the client's classes, from which it comes back as it is."""
    kind = get_type_hints(module.sync_detailed)["body"]
    for each in get_args(kind) if isinstance(kind, UnionType) else [kind]:
        try:
            made = each.from_dict(body)
        except (KeyError, TypeError, ValueError):
            continue
        if made.to_dict() == body:
            return made
    raise AssertionError(f"{module.__name__} has no class for {body}")


def with_plain_times(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its time as one: Z and +00:00 are two ways to write it."""
    at = document.get("created_at")
    return document | ({"created_at": datetime.fromisoformat(at)} if at else {})


def main(folder: Path, address: str, key: str, bodies: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What the operations answered."""
    sys.path.insert(0, str(folder.parent))
    package = import_module(folder.name)
    client = package.AuthenticatedClient(
        base_url=f"http://{address}", token=key, raise_on_unexpected_status=True, timeout=30
    )
    api = import_module(f"{folder.name}.api")
    modules = [import_module(each.name) for each in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")]
    found = {}
    for module in modules:
        if hasattr(module, "sync_detailed"):
            name = module.__name__.rpartition(".")[2]
            found[name] = [call(module, client, body) for body in bodies.get(name, [None])]
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.load(sys.stdin))))  # noqa: T201
