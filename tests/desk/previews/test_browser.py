"""A preview in a real Chromium, by keyboard: each step, put away, sealed; axe at every one."""

from __future__ import annotations

import pytest

from perisai.desk.permissions import Role
from tests.common import chromium
from tests.common.browsers import browsing, inaccessible
from tests.desk.previews import screenshots
from tests.desk.web.running import NAMES, PASSWORD, hire, signed_in, started

pytestmark = pytest.mark.skipif(chromium.binary() is None, reason="Chromium is not installed")


@pytest.mark.timeout(300)
def test_step_by_step(tmp_path):
    hire(tmp_path / "home")
    with browsing() as browser, started(tmp_path / "home", PERISAI_DESK__PREVIEW_DAYS="7") as base:
        page = screenshots.at_a_preview(browser, base)
        assert not inaccessible(page)
        assert page.locator("main img").count() == 0
        page.keyboard.press("n")
        page.fill("[name=password]", PASSWORD.format(NAMES[Role.REVIEWER]))
        page.click("main button.main")
        for step in range(1, 6):
            page.wait_for_selector(f".step-{step}")
            page.wait_for_load_state()  # before that no key is heard
            widths = page.locator(".reveal img").evaluate_all("all => all.map(e => e.naturalWidth)")
            assert widths == {1: [96], 2: [96], 3: [320], 4: [320], 5: [200] * 6}[step]
            if step in (1, 5):
                assert not inaccessible(page)
            page.keyboard.press("n" if step < 5 else "h")
        page.wait_for_url("**done=preview-closed")
        assert page.locator("main img").count() == 0
        page.keyboard.press("s")
        page.wait_for_url("**done=sealed*")
        assert not [e for e in (tmp_path / "home" / "previews").rglob("*") if e.is_file()]
        auditor = signed_in(browser, base, Role.AUDITOR)
        for path in ("/figures", "/viewers"):
            auditor.goto(path)
            assert not inaccessible(auditor)
