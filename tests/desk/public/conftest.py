"""The public page over a house of its own, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai import settings as settings_package
from tests.desk.public.stories import Story
from tests.desk.public.visiting import Visitor
from tests.desk.sites import on_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from perisai.desk.house import House


@pytest.fixture
def chosen(tmp_path: Path, environment: dict[str, str]):
    return settings_package.load(env=environment, home=tmp_path)


@pytest.fixture
def visitor(house: House, chosen) -> Iterator[Visitor]:
    from perisai.desk.public.here import Site

    with on_site(chosen, "public", PERISAI_PUBLIC=Site(chosen, house)):
        yield Visitor()


@pytest.fixture
def limited(visitor: Visitor, house: House, chosen) -> Callable[..., Visitor]:
    """A visitor of a page with other limits: ``limited(complaints_per_hour=2)``."""
    from perisai.desk.public.here import Site, open_site

    def made(**desk: object) -> Visitor:
        section = chosen.desk.model_copy(update=desk)
        open_site(Site(chosen.model_copy(update={"desk": section}), house))
        return Visitor()

    return made


@pytest.fixture
def story(house: House, clock) -> Story:
    return Story(house, clock)
