"""Logs as one JSON object a line, of a fixed set of fields: never a query, address, key or link.

Other packages' messages may hold any of these (HTTP clients log whole URLs), so of those only the
place in the code is written, and of an exception its kind and way, never its text.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from types import TracebackType

Level = Literal["debug", "info", "warning", "error"]

NAME = "perisai.gateway"
_OURS = "perisai_fields"
_PLAIN = re.compile(r"[\w.:/{} -]{0,80}", re.ASCII)
_FRAMES_AT_MOST = 12


def log(  # noqa: PLR0913 - the whole list of what may be written
    event: str,
    level: Level = "info",
    *,
    route: str | None = None,
    status: int | None = None,
    ms: float | None = None,
    upstream: str | None = None,
    decision: str | None = None,
    reason: str | None = None,
    code: str | None = None,
    count: int | None = None,
    port: int | None = None,
    version: str | None = None,
    error: BaseException | None = None,
) -> None:
    """Write one line. ``route`` is a pattern, ``reason`` and ``code`` are words of a fixed list.

    There are no other fields, on purpose. A text that looks like anything else than such a word
    is written as ``?``.
    """
    given = {
        "route": route,
        "status": status,
        "ms": None if ms is None else round(ms, 1),
        "upstream": upstream,
        "decision": decision,
        "reason": reason,
        "code": code,
        "count": count,
        "port": port,
        "version": version,
    }
    fields = {name: _plain(value) for name, value in given.items() if value is not None}
    logging.getLogger(NAME).log(
        logging.getLevelNamesMapping()[level.upper()],
        _plain(event),
        extra={_OURS: fields},
        exc_info=error,
    )


def configure(stream: TextIO | None = None, level: Level = "info") -> None:
    """Let every logger of this process write here, in this form, and nowhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.setLevel(logging.NOTSET)
        logger.propagate = name != "uvicorn.access"  # which would name every address and query
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write what may be written of a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": at, "level": record.levelname.lower()}
        fields = getattr(record, _OURS, None)
        if isinstance(fields, dict) and record.name == NAME:
            line |= {"event": record.msg, **fields}
        else:
            place = f"{PurePath(record.pathname).name}:{record.lineno}"
            line |= {"event": "other", "logger": _plain(record.name), "place": place}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["way"] = _way(record.exc_info[2])
        return json.dumps(line)


def _plain(value: object) -> object:
    if isinstance(value, str) and ("//" in value or not _PLAIN.fullmatch(value)):
        return "?"
    return value


def _way(traced: TracebackType | None) -> list[str]:
    """Return where an exception came by, innermost last, without a line of text."""
    frames = traceback.extract_tb(traced)[-_FRAMES_AT_MOST:]
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
