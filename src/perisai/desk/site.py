"""Django's settings of the two sites: the desk for staff, and the public page.

They share tables and nothing else: no session, no cookie, no address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from perisai.storage.configuration import configure, database
from perisai.storage.secret_file import secret_in
from perisai.storage.tables import bring_up_to_date

if TYPE_CHECKING:
    from perisai.settings import Settings

Site = Literal["desk", "public"]

APPS = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "perisai.storage.facts",
    "perisai.desk.people",
    "perisai.desk.attachments",
    "perisai.desk.cases",
    "perisai.desk.complaints",
    "perisai.desk.improvements",
    "perisai.desk.listing",
    "perisai.desk.looks",
    "perisai.desk.opinions",
    "perisai.desk.outbox",
    "perisai.desk.previews",
    "perisai.desk.referrals",
    "perisai.desk.search",
    "perisai.desk.intake",
    "perisai.desk.triage",
    "perisai.desk.withholding",
)
OF_DESK = ("allauth", "allauth.account", "allauth.mfa")
"""Sign-in and second factors: the desk alone has accounts."""
LABELS_OF_DESK = ("account", "mfa")
LABELS = (
    "auth",
    "contenttypes",
    "sessions",
    "facts",
    "people",
    "attachments",
    "cases",
    "complaints",
    "improvements",
    "listing",
    "looks",
    "opinions",
    "outbox",
    "previews",
    "referrals",
    "search",
    "triage",
    "intake",
    "withholding",
)
"""Whose tables the desk needs."""


def configure_site(settings: Settings, site: Site, *, secret: bytes | None = None) -> None:
    """Set up Django in this process for one of the sites. Raises SettingsError or StorageError.

    ``secret`` stands for the key of the site in the home folder, which then is not made.
    """
    apps = (*APPS, *OF_DESK) if site == "desk" else APPS
    configure(settings, apps, **_of_site(settings, site, secret))


def make_tables(alias: str = "default") -> None:
    """Make the desk's tables, or bring them up to date.

    Raises StorageError if they are too new for this Perisai.
    """
    from django.apps import apps  # noqa: PLC0415 - needs a configured Django

    more = LABELS_OF_DESK if apps.is_installed("allauth.mfa") else ()
    bring_up_to_date(alias, (*LABELS, *more))


def _of_site(settings: Settings, site: Site, secret: bytes | None = None) -> dict[str, Any]:
    secret = secret or secret_in(
        settings.home / f"{site}.key",
        holds=f"the secret that signs the sessions of the {site} site",
        if_lost="delete it and a new one is made; everybody has to sign in again",
    )
    common = {"SECRET_KEY": secret.hex()}
    if site == "public":
        from perisai.desk.public.options import options  # noqa: PLC0415 - only this site's

        return common | options(settings)
    from perisai.desk.web.configuring import desk_settings  # noqa: PLC0415 - only this site's

    return common | desk_settings(settings)


__all__ = ["APPS", "configure_site", "database", "make_tables"]
