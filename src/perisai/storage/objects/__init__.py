"""Where are the bytes? Kept under their SHA-256: in a folder, in S3, or in memory."""

from __future__ import annotations

from perisai.storage.objects.port import ObjectStore

__all__ = ["ObjectStore"]
