"""Django's settings for the public site: as little of Django as it can do with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from perisai.desk.attachments.limits import MOST

if TYPE_CHECKING:
    from perisai.settings import Settings

HERE = Path(__file__).parent
MIB = 1024 * 1024
LARGEST_BODY = MIB
"""Bytes of one request: the longest answer of a platform, in a script of four bytes a letter."""
MOST_FIELDS = 40


def options(settings: Settings) -> dict[str, Any]:
    """What differs from Django's defaults. No sessions, no messages, no cookies, no admin."""
    return {
        "ROOT_URLCONF": "perisai.desk.public.urls",
        "MIDDLEWARE": [
            "perisai.desk.public.middleware.headers",
            "perisai.desk.public.middleware.Faults",
            "perisai.desk.public.middleware.own_forms",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [HERE / "templates"],
                "OPTIONS": {"builtins": ["perisai.desk.public.filters"]},
            }
        ],
        "ALLOWED_HOSTS": hosts(settings),
        "APPEND_SLASH": False,
        "USE_I18N": False,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": LARGEST_BODY,
        # Files are held in memory, as a whole, and never written anywhere but encrypted.
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "FILE_UPLOAD_MAX_MEMORY_SIZE": LARGEST_BODY
        + max(settings.desk.upload_bytes, settings.desk.attachment_bytes),
        "DATA_UPLOAD_MAX_NUMBER_FILES": MOST,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": MOST_FIELDS,
    }


def hosts(settings: Settings) -> list[str]:
    """The hosts that requests may name: this machine, where it listens, and its public address."""
    desk = settings.desk
    named = urlsplit(desk.public_url).hostname if desk.public_url else None
    listening = f"[{desk.public_host}]" if ":" in desk.public_host else desk.public_host
    known = ["127.0.0.1", "localhost", "[::1]", listening, named]
    return [host for host in dict.fromkeys(known) if host and host not in ("0.0.0.0", "[::]")]  # noqa: S104 - no host that a request names
