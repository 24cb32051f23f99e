"""The position of a parser in the tokens of a statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from localaws.dynamodb.partiql.errors import malformed
from localaws.dynamodb.partiql.keywords import RESERVED
from localaws.dynamodb.partiql.scanner import END, Token, scan


class Cursor:
    """Takes the tokens of a statement, one after the other; raises InvalidRequest for what can't be there."""

    def __init__(self, statement: str) -> None:
        self._tokens = list(scan(statement))
        self._position = 0

    def _list[T](self, part: Callable[[], T]) -> list[T]:
        parts = [part()]
        while self._skip(","):
            parts.append(part())
        return parts

    def _elements[T](self, end: str, part: Callable[[], T]) -> list[T]:
        if self._skip(end):
            return []
        parts = self._list(part)
        self._expect(end)
        return parts

    def _identifier(self) -> str:
        if self._next.kind != "quoted" and not self._is_name(self._next):
            self._unexpected()
        return self._take().text

    @staticmethod
    def _is_name(token: Token) -> bool:
        return token.kind == "name" and token.word not in RESERVED

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    @property
    def _word_after(self) -> str:
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)].word

    def _take(self) -> Token:
        token = self._next
        if token.kind == END:
            self._unexpected()
        self._position += 1
        return token

    def _skip(self, word: str) -> bool:
        found = self._next.word == word
        self._position += found
        return found

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            self._unexpected()

    def _unexpected(self) -> NoReturn:
        is_keyword = self._next.kind == "name" and not self._is_name(self._next)
        raise malformed("Unexpected keyword" if is_keyword else "Unexpected term")
