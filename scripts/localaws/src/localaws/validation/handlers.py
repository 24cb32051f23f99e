"""Looks up the handlers that a template names, so that a wrong one is reported before it's called."""

from __future__ import annotations

import ast
import symtable
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from localaws.errors import Problem
from localaws.template.load import Template


def handler_problems(template: Template, root: Path) -> Iterator[Problem]:
    """Problems with the handlers of functions whose code is a folder below `root`.

    AWS accepts such a template, so these are notes. A function with layers isn't checked: a layer may have the handler.
    """
    inherited = (template.body.get("Globals") or {}).get("Function") or {}
    for name, resource in template.body["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = {**inherited, **(resource.get("Properties") or {})}
        code, handler = properties.get("CodeUri", "."), properties.get("Handler")
        skipped = any(key in properties for key in ("InlineCode", "Layers")) or properties.get("PackageType") == "Image"
        if skipped or not isinstance(code, str) or not isinstance(handler, str) or not (root / code).is_dir():
            continue
        what = _problem(root / code, handler)
        if what:
            where = ("Resources", name, "Properties", "Handler")
            yield Problem(template.line(where), name, "Handler", f"{what}; calls will fail")


def _problem(folder: Path, handler: str) -> str | None:
    module, dot, function = handler.rpartition(".")
    if not dot:
        return f"{handler} isn't of the form module.function"
    base = folder / module.replace(".", "/")
    file = base / "__init__.py" if base.is_dir() else base.with_name(f"{base.name}.py")
    if not file.is_file():
        return f"{file.relative_to(folder)} isn't in {folder.name or folder}"
    try:
        with tokenize.open(file) as opened:
            source = opened.read()
        tree = ast.parse(source, file.name)
    except SyntaxError as error:
        return f"{file.relative_to(folder)}, line {error.lineno}: {error.msg}"
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
        return None
    named: Mapping[str, Any] = {
        entry.get_name(): entry for entry in symtable.symtable(source, "", "exec").get_symbols()
    }
    entry = named.get(function)
    return None if entry and (entry.is_assigned() or entry.is_imported()) else f"{file.name} has no {function}"
