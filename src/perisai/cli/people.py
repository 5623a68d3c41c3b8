"""``perisai people``: who works at the desk, and as what."""

from __future__ import annotations

import json
import secrets
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from perisai.desk.actors import HOUSE
from perisai.desk.permissions import Role
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.house import House
    from perisai.desk.people.models import Member

WORDS_BYTES = 15
LONGEST_NAME = 60
ROLES = click.Choice([role.value for role in Role])


@click.group()
def people() -> None:
    """Keep the accounts of the desk: add, list, change the role, bind to an agency, remove."""


@people.command()
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What they do here.")
@click.option("--platform", default="", help="Whom a liaison speaks for, as cases name it.")
@click.option("--password-stdin", is_flag=True, help="Read the password; else one is printed.")
def add(name: str, role: str, platform: str, *, password_stdin: bool) -> None:
    """Make an account for NAME. A password that was made up is shown once."""
    _check(name, role, platform)
    house = _open()
    from perisai.desk.people import services

    password = _password(name, given=password_stdin)
    with _refusals(), services.together(house):
        token = services.add(house, HOUSE, name, Role(role), platform)
        services.join(house, token, password)
    if not password_stdin:
        click.echo("The password is not shown again:", err=True)
        click.echo(password)


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs: JSON lines.")
def list_(*, as_json: bool) -> None:
    """Show who has an account."""
    _open()
    from perisai.desk.people.models import Member

    found = list(Member.objects.select_related("user").order_by("user__username"))
    for member in found:
        click.echo(_line(member, as_json=as_json))
    if not found and not as_json:
        click.echo("There is nobody yet: perisai people add NAME --role ROLE")


@people.command()
@click.argument("name")
@click.argument("role", type=ROLES)
@click.option("--platform", default="", help="Whom a liaison speaks for, as cases name it.")
def role(name: str, role: str, platform: str) -> None:
    """Let NAME do something else from now on; sessions that are open end."""
    _check(name, role, platform)
    house = _open()
    from perisai.desk.people import services

    with _refusals():
        services.move(house, HOUSE, name, Role(role), platform)
    click.echo(f"{name}: {role}.")


@people.command()
@click.argument("name")
def remove(name: str) -> None:
    """Close the account of NAME. The name stays taken: facts name who acted."""
    house = _open()
    from perisai.desk.people import services

    with _refusals():
        services.close(house, HOUSE, name)
    click.echo(f"{name}: closed.")


@people.command()
@click.argument("name")
@click.argument("agency")
@click.argument("subject")
def bind(name: str, agency: str, subject: str) -> None:
    """Let whom AGENCY calls SUBJECT (`sub`) sign in there as NAME.

    AGENCY is a table of the settings, [agencies.NAME]. SUBJECT is not kept, only a digest of it.
    """
    from perisai import settings

    chosen = settings.load()
    if agency not in chosen.agencies:
        known = ", ".join(chosen.agencies) or "none"
        raise click.UsageError(f"{agency!r} is no agency of the settings; they have: {known}")
    house = _open()
    from perisai.desk.people import services

    with _refusals():
        identity = services.identity(house, chosen.agencies[agency].issuer, subject)
        services.bind(house, HOUSE, name, agency, identity)
    click.echo(f"{name}: bound at {agency}.")


@people.command()
@click.argument("name")
@click.argument("agency")
def unbind(name: str, agency: str) -> None:
    """Let nobody at AGENCY sign in as NAME any more; sessions that are open end."""
    house = _open()
    from perisai.desk.people import services

    with _refusals():
        services.unbind(house, HOUSE, name, agency)
    click.echo(f"{name}: nobody at {agency}.")


@people.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password; else one is printed.")
def reset(name: str, *, password_stdin: bool) -> None:
    """Give NAME a new password and take the second factor away, for when either was lost."""
    house = _open()
    from perisai.desk.people import services

    password = _password(name, given=password_stdin)
    with _refusals(), services.together(house):
        token = services.reset(house, HOUSE, name)
        services.join(house, token, password)
    if not password_stdin:
        click.echo("The password is not shown again:", err=True)
        click.echo(password)


def _check(name: str, role: str, platform: str) -> None:
    if not name or len(name) > LONGEST_NAME or not all(c.isalnum() or c in "._-" for c in name):
        raise click.UsageError("A name has letters, digits, dots, hyphens: as in siti.rahayu")
    if (role == Role.PLATFORM) != bool(platform.strip()):
        raise click.UsageError("A platform's liaison needs --platform, and nobody else has one.")


def _password(name: str, *, given: bool) -> str:
    if not given:
        return secrets.token_urlsafe(WORDS_BYTES)
    from django.contrib.auth.models import User
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    password = sys.stdin.readline().rstrip("\r\n")
    try:
        validate_password(password, User(username=name))
    except ValidationError as error:
        raise click.UsageError(" ".join(error.messages)) from error
    return password


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotYet as error:
        raise click.ClickException(
            f"{error} `perisai people list` shows who has an account."
        ) from error


def _open() -> House:
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    configure_site(chosen, "desk")
    from django.utils import translation

    from perisai.desk.opening import open_house

    translation.activate("en")
    return open_house(chosen)


def _line(member: Member, *, as_json: bool) -> str:
    seen = member.user.last_login
    if as_json:
        told = {
            "name": member.user.username,
            "role": member.role,
            "platform": member.platform,
            "open": member.user.is_active,
            "last_sign_in": seen.isoformat() if seen else None,
        }
        return json.dumps(told, ensure_ascii=False)
    platform = f" for {member.platform}" if member.platform else ""
    ended = "" if member.user.is_active else ", closed"
    last = f", last here {seen:%Y-%m-%d}" if seen else ""
    return f"{member.user.username}: {member.role}{platform}{last}{ended}"
