"""What a decoding worker may do in the screener's tests: its work, or harm."""

from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np

from perisai.media.wire import Message
from perisai.screening.prepare import prepare

HARM = b"harm:"


def harm_or_prepare(payload, data):
    """Do what bytes that begin with ``harm:`` say, and prepare all others."""
    if data and data.startswith(HARM):
        yield from globals()["do_" + data.removeprefix(HARM).decode()](payload)
    else:
        yield from prepare(payload, data)


def prepare_and_tell(payload, data):
    """Prepare, and then say what was imported for it."""
    yield from prepare(payload, data)
    yield Message({"modules": sorted(sys.modules)})


def do_die(payload):
    os.kill(os.getpid(), signal.SIGKILL)
    yield Message({})


def do_hang(payload):
    yield Message({"kind": "media", "type": "gif", "width": 10, "height": 10})
    time.sleep(60)


def do_bloat(payload):
    yield Message({"kind": "media", "type": "gif", "width": 10, "height": 10})
    hoard = [np.ones(16 << 20, np.uint8) for _ in range(256)]
    yield Message({"hoarded": len(hoard)})


def do_nonsense(payload):
    yield Message({"kind": "media", "type": "gif", "width": "\x1b[31m", "height": None})


def do_silence(payload):
    """Say that a file was there, and nothing about its frames."""
    yield Message({"kind": "media", "type": "gif", "width": 10, "height": 10})


def do_lie(payload):
    """Say that all is over before a single frame was sent."""
    yield Message({"kind": "media", "type": "gif", "width": 10, "height": 10})
    facts = {"frames": 0, "duration_ms": 0, "carries": [], "truncated": False, "stages_ms": {}}
    yield Message({"kind": "end"} | facts)
