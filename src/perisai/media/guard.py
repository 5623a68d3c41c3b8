"""Turns whatever a decoder raises on hostile bytes into an error for people."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image

from perisai.errors import BrokenMedia

if TYPE_CHECKING:
    from collections.abc import Iterator

DECODER_ERRORS = (
    OSError,  # Pillow's "image file is truncated", and most of FFmpeg's errors
    ValueError,
    SyntaxError,  # Pillow's "this is not such a file"
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    RuntimeError,
    Warning,  # where warnings are turned into errors
    struct.error,
    Image.DecompressionBombError,
    zlib.error,
)
"""What Pillow and PyAV are known to raise on broken input. Never MemoryError: that one is about the
machine, and the worker reports it as what it is."""


@contextmanager
def broken(what: str) -> Iterator[None]:
    """Turn a decoder's error into :class:`BrokenMedia`, with ``what`` naming the format."""
    try:
        yield
    except DECODER_ERRORS as error:
        reason = str(error) or type(error).__name__
        raise BrokenMedia(
            f"The {what} could not be decoded ({reason}); get a whole copy."
        ) from error
