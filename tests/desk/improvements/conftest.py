"""The desk's pages, as their own tests have them."""

import pytest

from tests.desk.improvements.links import ASKED, sent
from tests.desk.web import stories
from tests.desk.web.fixtures import *  # noqa: F403


@pytest.fixture
def case(intake, officer):
    key = stories.opened(intake)
    assert officer.send(f"/cases/{key}", "/improvements", **ASKED).status_code == 302
    return key


@pytest.fixture
def link(desk, case, officer, commissioner):
    assert commissioner.send(f"/cases/{case}", "/i-1/agree").status_code == 302
    return sent(officer, case)
