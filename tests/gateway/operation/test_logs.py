from __future__ import annotations

import inspect
import io
import json
import logging
import warnings

import pytest

from perisai.gateway.operation import logs
from perisai.gateway.operation.logs import configure, log


@pytest.fixture
def written():
    """Log into memory, and put the loggers back afterwards."""
    root = logging.getLogger()
    kept = root.handlers, root.level
    stream = io.StringIO()
    configure(stream, "debug")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = kept[0], kept[1]
    logging.captureWarnings(capture=False)
    logging.getLogger("uvicorn.access").disabled = False


def test_one_object_a_line(written):
    log("page", route="/v2/search", status=200, ms=12.345, decision="allow", count=3)
    log("upstream", "warning", upstream="wiki", reason="down")
    first, second = written()
    time = first.pop("time")
    assert time.endswith("+00:00")
    assert first == {
        "level": "info", "event": "page", "route": "/v2/search", "status": 200, "ms": 12.3,
        "decision": "allow", "count": 3,
    }  # fmt: skip
    assert (second["level"], second["upstream"], second["reason"]) == ("warning", "wiki", "down")


def test_no_field_is_meant_for_anything_private():
    fields = set(inspect.signature(log).parameters)
    assert fields == {
        "event", "level", "route", "status", "ms", "upstream", "decision", "reason", "code",
        "count", "port", "version", "error",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["https://example.org/x", "a?b=c", "q=kucing", "anak@contoh.id", "a\nb", "kucing lucu!",
     "x" * 81, "//host", "é"],
)  # fmt: skip
def test_a_text_that_is_no_plain_word_is_not_written(written, text):
    log("page", reason=text)
    assert written()[0]["reason"] == "?"


def test_what_others_log_is_told_by_place_only(written):
    logging.getLogger("httpx2").warning("GET %s", "https://api.example/search?q=kucing&key=secret")
    logging.getLogger("uvicorn.error").error(f"{'203.0.113.7'} said kucing")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("kucing", stacklevel=1)
    lines = written()
    assert [line["logger"] for line in lines] == ["httpx2", "uvicorn.error", "py.warnings"]
    assert all(line["event"] == "other" and line["place"] for line in lines)
    assert not any(word in json.dumps(lines) for word in ("kucing", "secret", "203.0.113.7"))


def test_of_an_exception_its_kind_and_way_are_written(written):
    def inner() -> None:
        raise ValueError("q=kucing from 203.0.113.7")

    try:
        inner()
    except ValueError as error:
        log("broken", "error", error=error)
        logging.getLogger("uvicorn.error").exception("Exception in %s", "kucing")
    ours, theirs = written()
    assert ours["error"] == theirs["error"] == "ValueError"
    assert ours["way"][-1].startswith("test_logs.py:")
    assert ours["way"][-1].endswith(" inner")
    assert "kucing" not in json.dumps([ours, theirs])


def test_requests_are_not_logged(written):
    logging.getLogger("uvicorn.access").info("%s GET %s", "203.0.113.7", "/v2/search?q=kucing")
    assert written() == []


def test_somebody_elses_fields_are_not_taken_for_ours(written):
    logging.getLogger("other").warning("x", extra={logs._OURS: {"query": "kucing"}})
    assert "kucing" not in json.dumps(written())
