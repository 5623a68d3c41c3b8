"""Who works in the house of the sample incident; needs no database to be read."""

from __future__ import annotations

from perisai.desk.permissions import Role

NAMES: dict[Role, str] = {
    Role.INTAKE: "penerima",
    Role.REVIEWER: "penelaah",
    Role.CASE_OFFICER: "petugas",
    Role.COMMISSIONER: "komisioner",
    Role.MINISTRY: "kementerian",
    Role.PLATFORM: "platform",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "admin",
}
"""One account for each role."""
