"""What every view of the public page needs, made once when the site is opened."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings as of_django

from perisai.desk import procedures
from perisai.desk.summons.letters.dates import Dates
from perisai.limits import HOUR, Limits

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from perisai.desk.house import House
    from perisai.desk.public.words import Language
    from perisai.desk.samples import Looking
    from perisai.settings import Settings
    from perisai.settings.desk import DeskSection


@dataclass(frozen=True)
class Site:
    """The open house, the operator's choices, and how often each network has asked."""

    settings: Settings
    house: House
    limits: Limits = field(default_factory=lambda: Limits(time.monotonic))
    looking: Looking | None = None
    """What looks at files, where files may be sent (see :mod:`.uploads`)."""

    @property
    def desk(self) -> DeskSection:
        """The section that most is read from."""
        return self.settings.desk

    def day(self, at: datetime, language: Language) -> str:
        """A day as a sentence has it, in the zone of the house: *6 November 2026*."""
        return self._dates(language).day(at)

    def moment(self, at: datetime, language: Language) -> str:
        """The same with the time: *6 November 2026, 10.00 WIB*."""
        dates = self._dates(language)
        return f"{dates.day(at)}, {dates.time(at)}"

    def _dates(self, language: Language) -> Dates:
        return Dates(procedures.load(self.desk.procedure), language, ZoneInfo(self.desk.zone))

    def spend(self, request: HttpRequest, purpose: str, per_hour: int) -> int:
        """Count one request of a network; 0, or in how many seconds another one is allowed."""
        host = request.META.get("REMOTE_ADDR") or ""
        return self.limits.spend(self.limits.address(host, purpose), per_hour, HOUR)

    def spend_on(self, text: str, purpose: str, per_hour: int) -> int:
        """The same for a thing that is asked about, or for all networks together."""
        return self.limits.spend(self.limits.name(text, purpose), per_hour, HOUR)


def open_site(site: Site) -> None:
    """Let the views of this process use it."""
    of_django.PERISAI_PUBLIC = site


def here() -> Site:
    """The site that this process serves."""
    site: Site = of_django.PERISAI_PUBLIC
    return site
