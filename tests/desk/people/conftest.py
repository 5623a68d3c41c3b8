"""The same desk as for the tests of its pages, and an agency at which people sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai.desk.agencies import asking
from tests.common import agency as provider
from tests.desk.people import agencies
from tests.desk.web.fixtures import *  # noqa: F403

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.web.running import Desk


@pytest.fixture
def agency() -> Iterator[provider.Agency]:
    asking.forget()
    with provider.agency() as made:
        yield made


@pytest.fixture(autouse=True)
def secret(monkeypatch) -> None:
    monkeypatch.setenv("AGENCY_SECRET", provider.SECRET)


@pytest.fixture
def connected(desk: Desk, agency: provider.Agency) -> Desk:
    """A desk that knows the agency."""
    return agencies.connect(desk, {agencies.NAME: agencies.chosen(agency)})
