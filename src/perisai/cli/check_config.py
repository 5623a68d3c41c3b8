"""``perisai check-config``: whether gateway and desk could start with these settings, and how."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from perisai.settings import Settings
    from perisai.settings.gateway import AnyUpstream

State = Literal["good", "note", "mistake"]
_MARKS: dict[State, str] = {"good": "✓", "note": "!", "mistake": "✗"}
_COLOURS: dict[State, str] = {"good": "green", "note": "yellow", "mistake": "red"}
_HERE = ("127.0.0.1", "::1", "localhost")

EPILOG = """
Exit status: 0 gateway and desk can start, 2 there is a mistake. Nothing is made or changed, and no
upstream, agency or receiver is asked; only a database on another machine is connected to, and a
bucket read.
"""


@dataclass(frozen=True)
class Fact:
    """One line: all right, worth knowing, or a mistake and what to do."""

    name: str
    state: State
    detail: str


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="For programs: JSON lines.")
def check_config(as_json: bool) -> int:
    """Check the settings, and what they name, before gateway and desk start."""
    facts = list(_facts())
    for fact in facts:
        if as_json:
            click.echo(json.dumps(vars(fact), ensure_ascii=False))
        else:
            mark = click.style(_MARKS[fact.state], fg=_COLOURS[fact.state])
            click.echo(f"{mark} {fact.name:<22} {fact.detail}")
    return 2 if any(fact.state == "mistake" for fact in facts) else 0


def _facts() -> Iterator[Fact]:
    from perisai import settings
    from perisai.errors import PerisaiError

    try:
        chosen = settings.load()
    except PerisaiError as error:
        yield Fact("settings", "mistake", str(error))
        return
    yield Fact("settings", "good", f"{chosen.file or 'no file (defaults and environment)'}")
    yield _guarded("home", chosen, _home)
    yield _guarded("secret", chosen, _secret)
    yield _guarded("database", chosen, _database)
    yield _guarded("keys", chosen, _keys)
    yield _guarded("objects", chosen, _objects)
    yield _guarded("policy", chosen, _policy)
    yield _guarded("vocabulary", chosen, _vocabulary)
    yield _guarded("address", chosen, _address)
    yield _guarded("under 13", chosen, _young)
    for name, section in chosen.gateway.upstreams.items():
        yield _guarded(f"upstream {name}", chosen, _upstream_of(name, section))
    for name in chosen.agencies:
        yield _guarded(f"agency {name}", chosen, _agency_of(name))
    for name in chosen.receivers:
        yield _guarded(f"receiver {name}", chosen, _receiver_of(name))
    if chosen.mail.host:
        yield _guarded("mail", chosen, _mail)


def _guarded(name: str, chosen: Settings, look: Callable[[Settings], tuple[State, str]]) -> Fact:
    from perisai.errors import PerisaiError

    try:
        return Fact(name, *look(chosen))
    except PerisaiError as error:
        return Fact(name, "mistake", str(error))


def _home(chosen: Settings) -> tuple[State, str]:
    return _writable(chosen.home, "home")


def _secret(chosen: Settings) -> tuple[State, str]:
    from perisai.gateway.secrets import FILE_NAME, signing_secret

    name = chosen.gateway.signing_env
    if name is None and not (chosen.home / FILE_NAME).exists():
        return "good", f"is made in {chosen.home / FILE_NAME} at the first start"
    signing_secret(chosen)
    return "good", f"from the variable {name}" if name else str(chosen.home / FILE_NAME)


def _database(chosen: Settings) -> tuple[State, str]:
    """Say where the database is; one that is not there yet is not made."""
    missing = _missing_file(chosen)
    if missing and _older(chosen):
        return "note", f"{_older(chosen)} is made into two files at the next start; back it up"
    if missing:
        state, where = _writable(missing.parent, "storage.database")
        told = f"{missing} is made at the first start" if state == "good" else where
        return state, told
    from django.db import connections

    from perisai.storage.configuration import alias_of, configure, gateway_database

    configure(chosen)
    wanted = gateway_database(chosen)
    try:
        connections[alias_of(wanted)].ensure_connection()
    except Exception as error:  # noqa: BLE001 - drivers raise what they like; none is our own
        kind = type(error).__name__
        return "mistake", f"{_place(wanted)} does not answer ({kind}); see storage.database"
    return "good", f"{_place(wanted)} answers"


def _keys(chosen: Settings) -> tuple[State, str]:
    from perisai.errors import StorageError

    create = "make one with `perisai keys create NAME --age-band BAND`"
    if _missing_file(chosen) and _older(chosen):
        return "note", "cannot be read yet: the file is made into two at the next start"
    if _missing_file(chosen):
        return _no_keys(chosen, create)
    from perisai.storage.configuration import alias_of, configure, gateway_database

    configure(chosen)
    from perisai.storage.database import DatabaseStore

    try:
        found = DatabaseStore(alias_of(gateway_database(chosen))).keys()
    except StorageError:
        return "note", "cannot be read yet: the tables are made or changed at the next start"
    active = [key for key in found if key.revoked is None]
    if not active:
        return _no_keys(chosen, create)
    names = ", ".join(f"{key.name} ({key.band})" for key in active[:8])
    return "good", names + (f" and {len(active) - 8} more" if len(active) > 8 else "")


def _no_keys(chosen: Settings, create: str) -> tuple[State, str]:
    if chosen.gateway.anonymous:
        return "note", f"none yet, all are answered as the youngest band; {create}"
    return "note", f"none yet, and gateway.anonymous is off: nobody is answered; {create}"


def _objects(chosen: Settings) -> tuple[State, str]:
    from perisai.storage.open import open_objects

    open_objects(chosen)
    place = chosen.storage.objects
    if place and "://" in place:
        from perisai.storage.objects.s3 import ask_bucket, open_bucket

        ask_bucket(open_bucket(chosen, place))
        return "good", f"{place} answers; whether it may be written to shows at the first file"
    return _writable(chosen.home / (place or "objects"), "storage.objects")


def _policy(chosen: Settings) -> tuple[State, str]:
    from perisai.policy import Policy

    policy = Policy.load(chosen.screening.policy)
    reviewers = (
        "people decide what it is unsure of" if chosen.policy.reviewers else "nobody reviews"
    )
    return "good", f"{policy.name}; {reviewers}"


def _vocabulary(chosen: Settings) -> tuple[State, str]:
    from datetime import UTC, datetime

    from perisai.vocabulary import Vocabulary

    vocabulary = Vocabulary.load(chosen.vocabulary.lexicons)
    late = vocabulary.overdue(datetime.now(UTC).date())
    if late:
        return "note", f"{len(late)} terms are past their review date (`perisai query` names terms)"
    return "good", f"read, {len(chosen.vocabulary.lexicons)} files of your own"


def _address(chosen: Settings) -> tuple[State, str]:
    from urllib.parse import urlsplit

    gateway = chosen.gateway
    public = urlsplit(gateway.public_url or "http://x")
    if public.scheme not in ("http", "https") or not public.netloc or public.query:
        raise chosen.problem(
            ("gateway", "public_url"), "must be an address such as https://gif.example.id"
        )
    listens = f"listens on {gateway.host}:{gateway.port}"
    told = f"{listens}, known as {gateway.public_url}" if gateway.public_url else listens
    if gateway.host not in _HERE and public.scheme != "https":
        return "note", f"{told}: put a server with HTTPS in front, keys and searches are readable"
    return "good", told


def _young(chosen: Settings) -> tuple[State, str]:
    if chosen.gateway.curated_under_13:
        return "good", "see only what a person has approved"
    return "note", "are left to the models alone (gateway.curated_under_13 is off)"


def _upstream_of(name: str, section: AnyUpstream) -> Callable[[Settings], tuple[State, str]]:
    def look(chosen: Settings) -> tuple[State, str]:
        import asyncio

        from perisai.gateway.upstreams.build import build_upstreams

        alone = chosen.gateway.model_copy(update={"upstreams": {name: section}})
        built = build_upstreams(chosen.model_copy(update={"gateway": alone}), None, None)
        asyncio.run(built[name].close())
        bands = ", ".join(section.bands) or "no band"
        told = f"{section.type}, for {bands}"
        if not section.bands:
            return "note", f"{told}: it is never asked"
        young = {"3-5", "6-9", "10-12"} & set(section.bands)
        if young and section.type != "catalogue":
            return "note", f"{told}: strangers fill it, and bands under 13 are served from it"
        return "good", told

    return look


def _agency_of(name: str) -> Callable[[Settings], tuple[State, str]]:
    def look(chosen: Settings) -> tuple[State, str]:
        from perisai.desk.agencies.asking import Agency

        section = Agency.of(chosen, name).chosen
        return "good", f"{section.issuer}, its secret from the variable {section.secret_env}"

    return look


def _receiver_of(name: str) -> Callable[[Settings], tuple[State, str]]:
    def look(chosen: Settings) -> tuple[State, str]:
        from perisai.desk.outbox.channels import secret_of

        secret_of(chosen, name)
        section = chosen.receivers[name]
        return "good", f"{section.url}, signed by the variable {section.secret_env}"

    return look


def _mail(chosen: Settings) -> tuple[State, str]:
    from perisai.desk.outbox.channels import password

    password(chosen)
    return "good", f"{chosen.mail.host}:{chosen.mail.port}, {chosen.mail.security}"


def _missing_file(chosen: Settings) -> Path | None:
    """Return the SQLite file if it is not there yet."""
    from perisai.storage.configuration import gateway_database

    wanted = gateway_database(chosen)
    file = Path(wanted["NAME"])
    return file if wanted["ENGINE"].endswith("sqlite3") and not file.exists() else None


def _older(chosen: Settings) -> Path | None:
    """Return the one file that this home has from an older Perisai, if it has one."""
    from perisai.storage.two_files import OLD_FILE

    file = chosen.home / OLD_FILE
    return file if chosen.storage.database is None and file.exists() else None


def _place(wanted: dict[str, object]) -> str:
    """Name a database without its password."""
    if str(wanted["ENGINE"]).endswith("sqlite3"):
        return str(wanted["NAME"])
    return f"PostgreSQL database {wanted['NAME']} on {wanted['HOST'] or 'this machine'}"


def _writable(folder: Path, key: str) -> tuple[State, str]:
    """Say whether files can be put there, or the folder be made."""
    near = folder
    while not near.exists() and near != near.parent:
        near = near.parent
    if not near.is_dir() or not os.access(near, os.W_OK | os.X_OK):
        return "mistake", f"{folder}: {near} is no folder that this user may write to; see {key}"
    return "good", str(folder) if near == folder else f"{folder} (is made at the first start)"
