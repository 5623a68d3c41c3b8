"""Reads a JSON document value by value, so that a list of millions needs no memory."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

from perisai.errors import ListError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

PIECE = 1 << 16
_DECODER = json.JSONDecoder()


class JsonStream:
    """A JSON text of which the caller knows the outline; ``line`` is where it stands (from 1)."""

    def __init__(self, path: Path, file: BinaryIO, max_value: int) -> None:
        """``max_value`` is the longest single value accepted, in characters."""
        self.path = path
        self.line = 1
        self.position = 0
        self._file = file
        self._max_value = max_value
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._text = ""
        self._at = 0

    def error(self, problem: str) -> ListError:
        """Name file and line in front of what is wrong there."""
        return ListError(f"{self.path}:{self.line}: {problem}")

    def value(self) -> Any:  # noqa: ANN401  JSON is anything
        """Read the next value, whole. Raises :class:`ListError` where there is none."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at < self._max_value and self._fill():
                    continue
                raise self.error(f"not JSON: {str(error).split(':')[0]}") from error
            # A number at the end of the piece may go on in the next one.
            if end == len(self._text) and self._fill():
                continue
            self._go_to(end)
            return value

    def take(self, sign: str, otherwise: str = "") -> None:
        """Step over one punctuation mark. Raises :class:`ListError` if another one stands here."""
        if self.peek() != sign:
            raise self.error(otherwise or f"not JSON: expected '{sign}'")
        self._go_to(self._at + 1)

    def peek(self) -> str:
        """Skip white space; the next character, or nothing at the end of the file."""
        while True:
            at = self._at
            while at < len(self._text) and self._text[at] in " \t\r\n":
                at += 1
            self._go_to(at)
            if at < len(self._text) or not self._fill():
                return self._text[at : at + 1]

    def _go_to(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _fill(self) -> bool:
        piece = self._file.read(PIECE)
        self.position += len(piece)
        self._text = self._text[self._at :] + self._decode(piece, final=not piece)
        self._at = 0
        return bool(piece)
