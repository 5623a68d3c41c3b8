"""People who sign in at an agency: what several tests need."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from django.contrib.auth.models import User
from django.test import Client

from perisai.desk.people import services
from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from perisai.settings.agencies import AgencySection
from tests.common import agency as provider
from tests.desk.web.visiting import text_of

if TYPE_CHECKING:
    from perisai.desk.web.running import Desk

NAME = "kementerian"
COOKIE = "perisai-desk-agency"
SIGN_IN = f"/sign-in/agency/{NAME}"
NOW = int(time.time())


def chosen(agency: provider.Agency, **more: Any) -> AgencySection:
    return AgencySection(
        issuer=agency.issuer, client_id=provider.CLIENT, secret_env="AGENCY_SECRET",
        label="Kementerian Contoh", label_en="Example Ministry", **more,
    )  # fmt: skip


def lie(**claims: Any):
    return lambda agency: setattr(agency, "lies", claims)


def connect(desk: Desk, agencies: dict[str, AgencySection], **section: object) -> Desk:
    made = desk.settings.desk.model_copy(update=section)
    settings = desk.settings.model_copy(update={"agencies": agencies, "desk": made})
    desk = replace(desk, settings=settings)
    use(desk)
    return desk


def account(desk: Desk, name: str = "eko", role: Role = Role.MINISTRY, sub: str = "123") -> User:
    """Somebody without a password who is bound to what the agency calls them."""
    from perisai.desk.actors import HOUSE

    services.add(desk.house, HOUSE, name, role, "")
    issuer = desk.settings.agencies[NAME].issuer
    services.bind(desk.house, HOUSE, name, NAME, services.identity(desk.house, issuer, sub))
    return User.objects.get(username=name)


@dataclass
class Browser:
    """A browser that goes to the agency and back."""

    agency: provider.Agency
    client: Client

    @classmethod
    def new(cls, agency: provider.Agency, network: int = 1) -> Browser:
        address = f"198.51.{network}.9"
        return cls(agency, Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=address))

    def leave(self, path: str = SIGN_IN) -> dict[str, str]:
        """Go to the agency; return what it is asked."""
        page = self.client.get(path)
        assert page.status_code == 302, text_of(page)
        assert page["Location"].startswith(f"{self.agency.issuer}/authorize?")
        return dict(parse_qsl(urlsplit(page["Location"]).query))

    def back(self, address: str):
        parts = urlsplit(address)
        return self.client.get(f"{parts.path}?{parts.query}")

    def there(self, who: str = "123", path: str = SIGN_IN):
        """Sign in at the agency; return our page on which one lands."""
        return self.back(self.agency.approve(self.leave(path), who))

    def enter(self, who: str = "123", path: str = SIGN_IN):
        """All the way to the end."""
        return self.client.get(on(self.there(who, path)))


def on(page) -> str:
    """Where our landing page leads on to."""
    assert page.status_code == 200, text_of(page)
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())[1]
    assert f'href="{found}"' in page.content.decode(), "also by hand"
    return found


def kinds(desk: Desk, name: str = "eko") -> list[str]:
    return [fact.kind for fact in desk.house.log.stream(f"account:{name}")]
