"""A house that keeps previews, and the desk's pages over it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from perisai import settings as settings_package
from perisai.desk.previews import services
from tests.common import drawn, screening
from tests.desk.conftest import OFFICER, REVIEWER
from tests.desk.test_first_journey import SAMPLE
from tests.desk.web.fixtures import *  # noqa: F403

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH, HEIGHT = 480, 360


def clip(count: int = 4) -> bytes:
    """A drawn clip: each frame another stand-in, the third with the mark of the tiny model."""
    frames = [drawn.stand_in(number, WIDTH, HEIGHT) for number in range(count)]
    if count > 2:
        frames[2] = screening.marked(frames[2])
    return screening.clip(frames)


def still() -> bytes:
    """One drawn picture."""
    return screening.clip([Image.Image.copy(drawn.stand_in(7, WIDTH, HEIGHT))])


@pytest.fixture
def chosen(tmp_path, environment):
    """The settings of a house that keeps previews for a week."""
    env = {**environment, "PERISAI_DESK__PREVIEW_DAYS": "7"}
    return settings_package.load(env=env, home=tmp_path)


@pytest.fixture
def store(house, chosen):
    """Where the house keeps previews, as ``open_house`` has it."""
    house.previews = services.store_in(chosen)
    return house.previews


@pytest.fixture
def case(house, clock) -> str:
    return house.open_case(
        OFFICER, title="GIF", platform="Contoh", words=(), promised=clock.now.replace(month=12)
    ).id


@pytest.fixture
def kept(house, chosen, store, case) -> Callable[..., str]:
    """``kept()``: a sample is screened and a preview of it kept; its SHA-256."""

    def one(data: bytes = b"", key: str = "", *, there: bool = True, **found: object) -> str:
        data, key = data or clip(), key or case
        sha256 = hashlib.sha256(data).hexdigest()
        findings = [{"label": "explicit", "frame": 2, "score": 0.9, "source": "model", "by": "x"}]
        sample = {**SAMPLE, "sha256": sha256, "findings": findings, **found}
        house.screened(key, REVIEWER, sample)
        assert services.keep(house, chosen, REVIEWER, key, data, sample) is there
        return sha256

    return one
