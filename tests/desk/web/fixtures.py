"""The desk's pages over a house of its own, without a server: what a ``conftest.py`` takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection, connections

from perisai import settings as settings_package
from perisai.desk.permissions import Role
from perisai.storage.configuration import database
from tests.common import screening
from tests.desk.sites import on_site
from tests.desk.web.visiting import PLATFORM, Staff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from perisai.desk.house import House
    from perisai.desk.web.running import Desk

__all__ = [
    "chosen", "commissioner", "desk", "house", "intake", "looking", "officer", "reviewer", "staff",
]  # fmt: skip


@pytest.fixture
def house(chosen, clock) -> Iterator[House]:
    """A house whose database is Django's own default: sessions and accounts lie there, too."""
    from perisai.desk.house import House
    from perisai.storage.facts.log import FactLog
    from perisai.storage.facts.people import People

    alias = connection.alias
    before = connections.settings[alias]
    connection.close()
    connections.settings[alias] = connections.configure_settings({alias: database(chosen)})[alias]
    del connections[alias]  # the next use makes one of this kind
    yield House(FactLog(), People(b"k" * 32), clock)
    connection.close()
    connections.settings[alias] = before
    del connections[alias]


@pytest.fixture(scope="session")
def looking(tmp_path_factory: pytest.TempPathFactory):
    """Looks at files with the tiny model, in this process."""
    from perisai.desk.samples import ByService

    opened = ByService(screening.settings(tmp_path_factory.mktemp("looking")))
    yield opened
    opened.close()


@pytest.fixture
def chosen(tmp_path: Path, environment: dict[str, str]):
    return settings_package.load(env=environment, home=tmp_path)


@pytest.fixture
def desk(house: House, chosen, looking) -> Iterator[Desk]:
    from django.core.cache import cache

    from perisai.desk.web.running import Desk, use

    made = Desk.of(chosen, house, looking)
    use(made)
    cache.clear()
    with on_site(chosen, "desk"):
        yield made


@pytest.fixture
def staff(desk: Desk) -> Callable[[Role | str], Staff]:
    """``staff(Role.INTAKE)``: a browser in which somebody with this role has signed in."""
    known: dict[object, Staff] = {}

    def one(role: Role, name: str = "") -> Staff:
        key = (role, name)
        if key not in known:
            platform = PLATFORM if role is Role.PLATFORM else ""
            known[key] = Staff.hired(name or role.value, role, platform)
        return known[key]

    return one


@pytest.fixture
def intake(staff) -> Staff:
    return staff(Role.INTAKE)


@pytest.fixture
def reviewer(staff) -> Staff:
    return staff(Role.REVIEWER)


@pytest.fixture
def officer(staff) -> Staff:
    return staff(Role.CASE_OFFICER)


@pytest.fixture
def commissioner(staff) -> Staff:
    return staff(Role.COMMISSIONER)
