"""Parses a template of the Velocity Template Language.

https://velocity.apache.org/engine/1.7/user-guide.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from localaws.vtl.errors import VtlError
from localaws.vtl.expressions import Expressions
from localaws.vtl.scanner import Scanner
from localaws.vtl.syntax import Assignment, Branches, Expression, Leave, Loop, Node, Reference, Text

_DIRECTIVE = re.compile(r"#(?:\{(\w+)\}|(\w+))")
_REFERENCE = re.compile(r"\$!?\{?[A-Za-z_]")
_ESCAPED = re.compile(r"\\(\$!?\{?[A-Za-z_][\w.-]*\}?|#\w+)")
_REST_OF_LINE = re.compile(r"[ \t]*\n")
_SUPPORTED = frozenset({"set", "if", "elseif", "else", "end", "foreach", "break", "stop", "return"})
_REFUSED = frozenset({"macro", "parse", "include", "evaluate", "define"})
_ENDS = frozenset({"elseif", "else", "end"})


def parse(text: str, first_line: int = 1) -> list[Node]:
    """The nodes of a template; raises VtlError."""
    parser = _Parser(Scanner(text.replace("\r\n", "\n"), first_line))
    nodes, end = parser.nodes(frozenset())
    assert end is None
    return nodes


class _Parser:
    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._expressions = Expressions(scanner, parse)
        self._directives: dict[str, Callable[[], Node]] = {
            "set": self._set,
            "if": self._if,
            "foreach": self._foreach,
        }

    def nodes(self, ends: frozenset[str]) -> tuple[list[Node], str | None]:
        """The nodes up to one of the directives `ends`, which is returned, or to the end of the text."""
        scanner, nodes, text = self._scanner, list[Node](), list[str]()
        opened = scanner.line
        while not scanner.ended:
            if scanner.take("##"):
                self._comment(text)
            elif scanner.take("#*"):
                scanner.until("*#")
            elif scanner.take("#[["):
                text.append(scanner.until("]]#"))
            elif escaped := _ESCAPED.match(scanner.text, scanner.position):
                text.append(escaped[1])
                scanner.position = escaped.end()
            elif _REFERENCE.match(scanner.text, scanner.position):
                _flush(text, nodes)
                nodes.append(self._expressions.reference())
            elif name := self._directive(text):
                _flush(text, nodes)
                if name in ends:
                    return nodes, name
                nodes.append(self._node(name))
            else:
                text.append(scanner.text[scanner.position])
                scanner.position += 1
        if ends:
            raise VtlError(opened, "#end is missing")
        _flush(text, nodes)
        return nodes, None

    def _directive(self, text: list[str]) -> str | None:
        """The name of the directive that comes next, behind which it moves, or None."""
        scanner = self._scanner
        found = _DIRECTIVE.match(scanner.text, scanner.position)
        name = (found[1] or found[2]) if found else None
        if found is None or name not in _SUPPORTED | _REFUSED:
            return None
        if name in _REFUSED:
            raise scanner.error(f"#{name} isn't supported")
        self._trim_before(text)
        scanner.position = found.end()
        if name in ("else", "end", "break", "stop", "return"):
            self._trim_after()
        return name

    def _node(self, name: str) -> Node:
        if name in _ENDS:
            raise self._scanner.error(f"#{name} has no #if or #foreach")
        return self._directives[name]() if name in self._directives else Leave(name)

    def _set(self) -> Node:
        self._scanner.demand("(")
        self._scanner.skip_space()
        target = self._expressions.reference()
        self._scanner.demand("=")
        value = self._expressions.expression()
        self._close()
        return Assignment(target, value)

    def _if(self) -> Node:
        branches: list[tuple[Expression | None, list[Node]]] = []
        end: str | None = "if"
        while end != "end":
            condition = None if end == "else" else self._condition()
            body, end = self.nodes(_ENDS)
            branches.append((condition, body))
        return Branches(branches)

    def _condition(self) -> Expression:
        self._scanner.demand("(")
        condition = self._expressions.expression()
        self._close()
        return condition

    def _foreach(self) -> Node:
        line = self._scanner.line
        self._scanner.demand("(")
        self._scanner.skip_space()
        variable: Reference = self._expressions.reference()
        if variable.steps or self._scanner.token("in") is None:
            raise self._scanner.error("#foreach must have the form #foreach($name in $items)")
        items = self._expressions.expression()
        self._close()
        body, end = self.nodes(frozenset({"end"}))
        assert end == "end"
        return Loop(line, variable.name, items, body)

    def _close(self) -> None:
        self._scanner.demand(")")
        self._trim_after()

    def _trim_before(self, text: list[str]) -> None:
        """Drop the white space between the start of the line and a directive that stands alone on it."""
        written = "".join(text)
        line = written.rpartition("\n")[2]
        before = self._scanner.position - len(line)
        starts = before == 0 or self._scanner.text[before - 1] == "\n"
        if starts and not line.strip() and line:
            text[:] = [written[: len(written) - len(line)]]

    def _trim_after(self) -> None:
        """Move behind the end of the line if nothing else stands on it."""
        self._scanner.match(_REST_OF_LINE)

    def _comment(self, text: list[str]) -> None:
        self._trim_before_comment(text)
        end = self._scanner.text.find("\n", self._scanner.position)
        self._scanner.position = len(self._scanner.text) if end < 0 else end + 1

    def _trim_before_comment(self, text: list[str]) -> None:
        self._scanner.position -= 2
        self._trim_before(text)
        self._scanner.position += 2


def _flush(text: list[str], nodes: list[Node]) -> None:
    joined = "".join(text)
    if joined:
        nodes.append(Text(joined))
    text.clear()
