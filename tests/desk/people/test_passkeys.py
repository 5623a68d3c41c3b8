"""Passkeys in a real Chromium, with an authenticator that it plays itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai.desk.permissions import Role
from tests.common import chromium
from tests.common.browsers import browsing, follow
from tests.desk.web.running import NAMES, PASSWORD, hire, started

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(not chromium.binary(), reason="Chromium is not installed.")
NAME = NAMES[Role.COMMISSIONER]


def with_password(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("[name=login]", NAME)
    page.fill("[name=password]", PASSWORD.format(NAME))
    page.click("main button.main")


def sign_out(page: Page) -> None:
    page.click(".me button")
    page.wait_for_url("**/sign-in")


def test_passkeys(tmp_path: Path):
    home = tmp_path / "home"
    hire(home)
    with started(home) as base, browsing() as browser:
        # A passkey is of a name, never of an address.
        context = browser.new_context(base_url=base.replace("127.0.0.1", "localhost"))
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        devices = context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }  # fmt: skip
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        with_password(page)
        page.wait_for_url("**/")
        page.goto("/account/passkeys/new")
        if "confirm" in page.url:
            page.fill("[name=password]", PASSWORD.format(NAME))
            follow(page, "main button.main")
        page.fill("[name=name]", "laptop kantor")
        page.check("[name=passwordless]")
        page.click("#passkey-add")
        page.wait_for_url("**/account/codes")
        page.goto("/account/passkeys")
        assert "laptop kantor" in page.inner_text("main")
        sign_out(page)

        with_password(page)
        page.wait_for_url("**/sign-in/code")
        page.click("#passkey-use")
        page.wait_for_url("**/")
        sign_out(page)

        page.click("#passkey-sign-in")
        page.wait_for_url("**/")
        assert NAME in page.inner_text("header")
        page.goto("/account/passkeys")
        follow(page, "text=Ganti nama")
        assert "/account/confirm" in page.url
        page.click("text=Pakai kunci sandi")
        page.click("#passkey-confirm")
        page.wait_for_url("**/name**")
        page.fill("main [name=name]", "laptop rumah")
        follow(page, "main button.main")
        assert "laptop rumah" in page.inner_text("main")
        follow(page, "text=Lepas kunci sandi")
        follow(page, "main button.main")
        assert page.url.endswith("/account/passkeys")
        sign_out(page)
        with_password(page)
        page.wait_for_url("**/")
        assert wrong == []
        context.close()
