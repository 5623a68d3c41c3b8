"""At an agency and back in a real Chromium: the desk and the agency are two sites to it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from perisai.desk.permissions import Role
from tests.common import agency as provider
from tests.common import chromium
from tests.common.browsers import browsing
from tests.common.servers import perisai
from tests.desk.web.running import NAMES, environment, hire, started

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(not chromium.binary(), reason="Chromium is not installed.")
NAME = NAMES[Role.ADMINISTRATOR]
SETTINGS = """\
[agencies.kementerian]
issuer = "{issuer}"
client_id = "{client}"
secret_env = "AGENCY_SECRET"
label = "Kementerian Contoh"
label_en = "Example Ministry"
"""


def at_the_agency(page: Page, who: str) -> None:
    page.wait_for_url("**/authorize?**")
    page.fill("[name=who]", who)
    page.click("button")


@pytest.mark.parametrize("script", [True, False], ids=["with-scripts", "without"])
def test_there_and_back(tmp_path: Path, script: bool):
    home = tmp_path / "home"
    hire(home)
    with provider.agency() as agency, browsing() as browser:
        text = SETTINGS.format(issuer=agency.issuer, client=provider.CLIENT)
        more = {"AGENCY_SECRET": provider.SECRET}
        config = Path(environment(home)["PERISAI_CONFIG"])
        config.write_text(f"{config.read_text()}\n{text}")
        words = perisai("people", "bind", NAME, "kementerian", "123")
        subprocess.run(words, env=environment(home, **more), check=True)
        with started(home, **more) as base:
            # To a browser, localhost and 127.0.0.1 are two sites: Strict cookies stay at home.
            url = base.replace("127.0.0.1", "localhost")
            context = browser.new_context(base_url=url, java_script_enabled=script)
            page = context.new_page()
            wrong: list[str] = []
            page.on("console", lambda said: wrong.append(f"{said.location['url']} {said.text}")
                    if said.type == "error" else None)  # fmt: skip
            page.goto("/sign-in?next=/people")
            page.click("text=Masuk melalui Kementerian Contoh")
            at_the_agency(page, "123")
            page.wait_for_url(f"{url}/people")
            assert NAME in page.inner_text("header")
            cookies = {each["name"]: each["sameSite"] for each in context.cookies()}
            assert cookies["perisai-desk"] == "Strict"
            assert "perisai-desk-agency" not in cookies, "it is gone with the trip"

            page.click("summary")
            page.fill("[name=account]", "baru")
            page.select_option("[name=role]", "intake")
            page.click("details[open] button.main")
            page.wait_for_url("**/account/confirm**")
            if "confirm-agency" not in page.url:  # the password is offered first to who has one
                page.click("text=Pastikan di instansi Anda")
            page.click("text=Pastikan melalui Kementerian Contoh")
            at_the_agency(page, "123")
            page.wait_for_selector("text=/invited/")
            assert agency.asked[-1]["prompt"] == "login"

            page.click(".me button")
            page.wait_for_url("**/sign-in")
            page.click("text=Masuk melalui Kementerian Contoh")
            at_the_agency(page, "somebody else")
            page.wait_for_selector("text=belum ada akun yang terhubung")
            ours = [each for each in wrong if each.startswith(url) and "403" not in each]
            assert not ours, "no policy of ours was in the way"
            context.close()
