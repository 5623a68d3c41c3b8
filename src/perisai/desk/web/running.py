"""What the pages of this process work with: the house, its calendar, and what looks at files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.desk import procedures
from perisai.desk.agencies import asking
from perisai.desk.clocks.calendars import Calendar
from perisai.desk.gateway_store import GatewayStore

if TYPE_CHECKING:
    from perisai.desk.house import House
    from perisai.desk.measuring import Measuring
    from perisai.desk.procedures import Procedure
    from perisai.desk.samples import Looking
    from perisai.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk. ``measuring`` is None where no patrol is set up."""

    settings: Settings
    house: House
    calendar: Calendar
    procedure: Procedure
    looking: Looking
    gateway: GatewayStore
    measuring: Measuring | None = None

    @classmethod
    def of(
        cls, settings: Settings, house: House, looking: Looking, measuring: Measuring | None = None
    ) -> Desk:
        """Put one together. Raises SettingsError."""
        asking.check_secrets(settings)
        chosen = settings.desk
        procedure = procedures.load(chosen.procedure)
        calendar = Calendar(procedure.country, chosen.zone, chosen.days_off)
        return cls(settings, house, calendar, procedure, looking, GatewayStore(settings), measuring)

    @property
    def zones(self) -> tuple[str, ...]:
        """Where a meeting may be: the zone of the house first, then those of the procedure."""
        return tuple(dict.fromkeys((self.settings.desk.zone, *self.procedure.zones)))


_running: list[Desk] = []


def use(desk: Desk) -> None:
    """Let the pages of this process work with this desk from now on."""
    _running[:] = [desk]


def desk() -> Desk:
    """The desk of this process."""
    return _running[0]
