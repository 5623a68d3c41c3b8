"""``perisai people``: who works at the desk, and as what."""

from __future__ import annotations

import json
import secrets
import sys
from typing import TYPE_CHECKING, Any

import click

from perisai.desk.permissions import Role

if TYPE_CHECKING:
    from perisai.desk.people.models import Member

WORDS_BYTES = 15
LONGEST_NAME = 60
ROLES = click.Choice([role.value for role in Role])


@click.group()
def people() -> None:
    """Keep the accounts of the desk: add, list, change the role, remove."""


@people.command()
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What they do here.")
@click.option("--platform", default="", help="Whom a liaison speaks for, as cases name it.")
@click.option("--password-stdin", is_flag=True, help="Read the password; else one is printed.")
def add(name: str, role: str, platform: str, *, password_stdin: bool) -> None:
    """Make an account for NAME. A password that was made up is shown once."""
    _check(name, role, platform)
    _open()
    from django.contrib.auth.models import User
    from django.db import transaction

    from perisai.desk.people.models import Member

    if User.objects.filter(username__iexact=name).exists():
        raise click.ClickException(
            f"{name} has or had an account. Names are not given twice: facts name who acted."
        )
    password = _password(name, given=password_stdin)
    with transaction.atomic():
        user = User.objects.create_user(name, password=password)
        Member.objects.create(user=user, role=role, platform=platform)
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
    member = _member(name)
    member.role, member.platform = role, platform
    member.save()
    _end_sessions(member.user)
    click.echo(f"{name}: {role}.")


@people.command()
@click.argument("name")
def remove(name: str) -> None:
    """Close the account of NAME. The name stays taken: facts name who acted."""
    member = _member(name)
    member.user.is_active = False
    member.user.set_unusable_password()
    member.user.save()
    _end_sessions(member.user)
    click.echo(f"{name}: closed.")


@people.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password; else one is printed.")
def reset(name: str, *, password_stdin: bool) -> None:
    """Give NAME a new password and take the second factor away, for when either was lost."""
    member = _member(name)
    from allauth.mfa.models import Authenticator

    password = _password(name, given=password_stdin)
    member.user.set_password(password)
    member.user.save()
    Authenticator.objects.filter(user=member.user).delete()
    _end_sessions(member.user)
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


def _member(name: str) -> Member:
    _open()
    from perisai.desk.people.models import Member

    found = Member.objects.select_related("user").filter(user__username=name).first()
    if found is None or not found.user.is_active:
        raise click.ClickException(f"{name} has no account; `perisai people list` shows who has.")
    return found


def _end_sessions(user: Any) -> None:  # noqa: ANN401 - Django's user
    from django.contrib.sessions.models import Session

    mine = str(user.pk)
    for session in Session.objects.all().iterator():
        if session.get_decoded().get("_auth_user_id") == mine:
            session.delete()


def _open() -> None:
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    configure_site(chosen, "desk")
    from django.utils import translation

    from perisai.desk.opening import open_house

    translation.activate("en")
    open_house(chosen)


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
