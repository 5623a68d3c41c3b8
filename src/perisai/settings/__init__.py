"""What did the operator choose? One file, environment on top.

>>> from perisai import settings
>>> settings.load(env={}).media.max_frames
5000

docs/settings.md lists every key. This package knows nothing of the others: it hands over plain
values (``settings.media.model_dump()`` has the names that ``MediaLimits`` takes).
"""

from __future__ import annotations

from perisai.settings.desk import DeskSection
from perisai.settings.gateway import GatewaySection, ServiceSection, StorageSection
from perisai.settings.loading import load
from perisai.settings.model import (
    MediaSection,
    PolicySection,
    ScreeningSection,
    Settings,
    VocabularySection,
    WorkerSection,
)

__all__ = [
    "DeskSection",
    "GatewaySection",
    "MediaSection",
    "PolicySection",
    "ScreeningSection",
    "ServiceSection",
    "Settings",
    "StorageSection",
    "VocabularySection",
    "WorkerSection",
    "load",
]
