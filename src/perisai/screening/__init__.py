"""The pipeline that ties the others together, one file or a million."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perisai.screening.result import Coverage, Failure, MediaFacts, ScreenResult
    from perisai.screening.screener import Screener

__all__ = ["Coverage", "Failure", "MediaFacts", "ScreenResult", "Screener"]


def __getattr__(name: str) -> object:
    # Lazy: the decoding worker imports perisai.screening.prepare and must stay light.
    if name == "Screener":
        from perisai.screening.screener import Screener  # noqa: PLC0415

        return Screener
    if name in __all__:
        from perisai.screening import result  # noqa: PLC0415

        return getattr(result, name)
    raise AttributeError(f"module 'perisai.screening' has no attribute {name!r}")
