"""TOML files whose every key knows its line, so that an error can say where it is.

``tomllib`` gives the values but not their places. Once it has accepted a file, the file is valid
TOML, and a small scanner can walk it for the lines without checking anything again.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perisai.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

Key = tuple[str | int, ...]
"""The way to a value: table names, keys, and positions (from 0) in arrays."""

_AT_LINE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class Document:
    """A TOML file: ``data`` as tomllib reads it, ``lines`` from key to line (from 1)."""

    name: str
    data: dict[str, Any]
    lines: dict[Key, int] = field(repr=False)
    error: type[SettingsError] = SettingsError

    def line(self, key: Key) -> int:
        """The line of ``key``, or of the nearest table around it; 1 for the file itself."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)

    def problem(self, key: Key, text: str) -> SettingsError:
        """The error to raise about ``key``: ``FILE:LINE: section.key: text``."""
        named = f"{dotted(key)}: " if key else ""
        return self.error(f"{self.name}:{self.line(key)}: {named}{text}")


def dotted(key: Key) -> str:
    """Write a key as people write it in TOML: ``models.mine.mean[2]``."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            bare = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"'
            text += f".{bare}" if text else bare
    return text


def read(path: Path, error: type[SettingsError] = SettingsError) -> Document:
    """Read the TOML file ``path``.

    Raises ``error`` if the file cannot be read, is not UTF-8, or is not TOML; the message names the
    file and, where there is one, the line.
    """
    return parse(read_text(path, error), str(path), error)


def read_text(path: Path, error: type[SettingsError] = SettingsError) -> str:
    """Read a UTF-8 file, with or without a byte order mark. Raises ``error`` naming the file."""
    try:
        raw = path.read_bytes()
    except OSError as reason:
        why = reason.strerror or str(reason)
        raise error(f"{path}: cannot be read ({why}); check the path") from reason
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = raw.count(b"\n", 0, reason.start) + 1
        raise error(f"{path}:{line}: is not UTF-8 text; save the file as UTF-8") from reason


def parse(text: str, name: str, error: type[SettingsError] = SettingsError) -> Document:
    """Read TOML from ``text``; ``name`` stands for the file in messages. Raises ``error``."""
    text = text.replace("\r\n", "\n")
    try:
        return Document(name, tomllib.loads(text), _Scanner(text).lines(), error)
    except tomllib.TOMLDecodeError as reason:
        message = str(reason)
        place = _AT_LINE.search(message)
        last = text.rstrip("\n").count("\n") + 1
        line = int(place["line"]) if place and place["line"] else last
        what = _AT_LINE.sub("", message)
        raise error(f"{name}:{line}: is not valid TOML: {what}; mend this line") from reason
    except RecursionError as reason:
        raise error(f"{name}:1: is nested too deeply; write it flatter") from reason


class _Scanner:
    """Walk a valid TOML text and note on which line each key stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[Key, int] = {}
        self._arrays: dict[Key, int] = {}
        self._line = 1
        self._counted = 0

    def lines(self) -> dict[Key, int]:
        table: Key = ()
        while self._skip_space():
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _note(self, key: Key, at: int) -> None:
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        # A table may be reopened by its children; the first mention is the one to show.
        self._found.setdefault(key, self._line)

    def _skip_space(self) -> bool:
        """Go to the next thing that is neither white space, comment nor comma; False at the end."""
        match = re.compile(r"(?:[\s,]|#[^\n]*)*").match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at < len(self._text)

    def _header(self) -> Key:
        start = self._at
        double = self._text.startswith("[[", start)
        self._at += 2 if double else 1
        parts = self._key("]")
        self._at += 2 if double else 1
        table: Key = ()
        for number, part in enumerate(parts):
            table = (*table, part)
            if double and number == len(parts) - 1:
                self._note(table, start)
                self._arrays[table] = self._arrays.get(table, -1) + 1
            if table in self._arrays:
                table = (*table, self._arrays[table])
        self._note_all(table, start)
        return table

    def _pair(self, table: Key) -> None:
        start = self._at
        parts = self._key("=")
        self._at += 1
        key: Key = (*table, *parts)
        self._note_all(key, start, len(table))
        self._value(key)

    def _note_all(self, key: Key, at: int, known: int = 0) -> None:
        for length in range(known + 1, len(key) + 1):
            self._note(key[:length], at)

    def _key(self, end: str) -> list[str]:
        """Read ``a."b c".d`` up to the character ``end``, which is not consumed."""
        parts: list[str] = []
        while True:
            self._skip_space()
            char = self._text[self._at]
            if char == end:
                return parts
            if char == ".":
                self._at += 1
            elif char in "\"'":
                parts.append(self._string())
            else:
                match = re.compile(r"[A-Za-z0-9_-]+").match(self._text, self._at)
                if match is None:  # cannot happen in a file that tomllib accepted
                    return parts
                parts.append(match.group())
                self._at = match.end()

    def _string(self) -> str:
        """Read one string of any of the four kinds, and give its value."""
        quote = self._text[self._at]
        start = self._at
        if self._text.startswith(quote * 3, start):
            pattern = r'"""(?:\\.|[^\\])*?"{3,5}(?!")' if quote == '"' else r"'''.*?'{3,5}(?!')"
        else:
            pattern = r'"(?:\\.|[^"\\\n])*"' if quote == '"' else r"'[^'\n]*'"
        match = re.compile(pattern, re.DOTALL).match(self._text, start)
        self._at = match.end() if match else len(self._text)
        source = self._text[start : self._at]
        return str(tomllib.loads(f"v = {source}")["v"])

    def _value(self, key: Key) -> None:
        """Pass over one value, noting what inline tables and arrays hold."""
        self._skip_space()
        char = self._text[self._at]
        if char in "\"'":
            self._string()
        elif char == "[":
            self._at += 1
            position = 0
            while self._skip_space() and self._text[self._at] != "]":
                self._note((*key, position), self._at)
                self._value((*key, position))
                position += 1
            self._at += 1
        elif char == "{":
            self._at += 1
            while self._skip_space() and self._text[self._at] != "}":
                self._pair(key)
            self._at += 1
        else:
            match = re.compile(r"[^,\]}#\n]+").match(self._text, self._at)
            self._at = match.end() if match else self._at + 1
