"""The upload check: other software sends a file, and hears who may see it.

``check`` answers ``POST /v1/screen`` and ``GET /v1/screen/{id}``; ``reading`` and ``asking`` read
requests, ``jobs`` has files judged, ``standing`` says what holds of a decision now, ``answering``
writes it down, ``webhooks`` tells it, ``shadow`` and ``shadow_page`` report what would have been
withheld. docs/uploads.md is its page.
"""

from __future__ import annotations

from perisai.gateway.uploads.check import UploadCheck
from perisai.gateway.uploads.reading import read_upload
from perisai.gateway.uploads.wrong import BadUpload

__all__ = ["BadUpload", "UploadCheck", "read_upload"]
