"""``perisai keys``: who may ask the gateway, and for which age."""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.storage.ports import Store
    from perisai.storage.records import ApiKey

DIALECTS = ("tenor", "giphy", "screen")
PREFIX = "perisai_"
LONGEST_NAME = 100
LEAST = 8
"""Characters of a key that an operator chooses: only for trying things out."""


@click.group()
def keys() -> None:
    """Keep the API keys of clients: each has an age band, dialects and a limit."""


@keys.command()
@click.argument("name")
@click.option(
    "--age-band",
    type=click.Choice([band.value for band in AgeBand]),
    required=True,
    help="Age band of those who use this key.",
)
@click.option(
    "--dialect",
    "dialects",
    type=click.Choice(DIALECTS),
    multiple=True,
    help="What it may be used for; may be repeated.  [default: all]",
)
@click.option("--per-minute", type=click.IntRange(1), default=600, show_default=True)
@click.option(
    "--shadow",
    is_flag=True,
    help="Judge and count its uploads, withhold nothing; searches stay as they are.",
)
@click.option(
    "--webhook", default="", help="Address (https) that is told of verdicts that took longer."
)
@click.option("--key", "text", help="A key of your own choice, to try things out.")
def create(
    name: str,
    age_band: str,
    dialects: tuple[str, ...],
    per_minute: int,
    shadow: bool,
    webhook: str,
    text: str | None,
) -> None:
    """Create a key for the client NAME. It is shown once; only its SHA-256 is kept."""
    from perisai.storage.records import ApiKey

    if text is not None and len(text) < LEAST:
        raise click.UsageError(f"A key needs {LEAST} characters at least.")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise click.UsageError(f"NAME needs 1 to {LONGEST_NAME} printable characters.")
    if webhook:
        _check_webhook(webhook)
    key = text or PREFIX + secrets.token_urlsafe(32)
    record = ApiKey(
        name,
        hashlib.sha256(key.encode()).hexdigest(),
        AgeBand(age_band),
        frozenset(dialects or DIALECTS),
        per_minute,
        shadow,
        webhook,
        datetime.now(UTC),
    )
    with _store() as store:
        store.add_key(record)
    click.echo("Keep it well, it is not shown again:", err=True)
    click.echo(key)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs: JSON lines.")
def list_(as_json: bool) -> None:
    """Show the clients, without their keys."""
    with _store() as store:
        found = store.keys()
    for key in found:
        click.echo(_line(key, as_json=as_json))
    if not found and not as_json:
        click.echo("There is none yet: perisai keys create NAME --age-band BAND")


@keys.command("secrets")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def secrets_(name: str, as_json: bool) -> None:
    """Show what the client NAME shares with the gateway: for signed ages, and for webhooks.

    Neither is the key. Hand them to the platform's server, never to its app.
    """
    from perisai import settings
    from perisai.gateway.clients import age_secret, webhook_secret
    from perisai.gateway.secrets import signing_secret
    from perisai.storage.memory import no_key

    with _store() as store:
        every = store.keys()
    found = [key for key in every if key.name == name and key.revoked is None]
    if not found:
        raise no_key(name)
    secret = signing_secret(settings.load())
    told = {
        "age_secret": age_secret(secret, found[0].digest),
        "webhook_secret": webhook_secret(secret, found[0].digest),
    }
    if as_json:
        click.echo(json.dumps({"name": name, **told}, ensure_ascii=False))
        return
    for what, value in told.items():
        click.echo(f"{what}: {value}")


@keys.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End the key of the client NAME; it stops working within seconds."""
    with _store() as store:
        store.revoke_key(name, datetime.now(UTC))
    click.echo(f"{name}: revoked.")


def _check_webhook(url: str) -> None:
    from perisai import settings
    from perisai.errors import FetchRefused
    from perisai.gateway.uploads.webhooks import read_webhook

    try:
        read_webhook(url, private=settings.load().gateway.upload_private)
    except FetchRefused as error:
        raise click.UsageError(
            f"--webhook: {error} (gateway.upload_private allows addresses in the same house.)"
        ) from None


def _line(key: ApiKey, *, as_json: bool) -> str:
    dialects = sorted(key.dialects)
    if as_json:
        told = {
            "name": key.name,
            "age_band": key.band.value,
            "dialects": dialects,
            "per_minute": key.per_minute,
            "shadow": key.shadow,
            "webhook": key.webhook,
            "created": key.created.isoformat(),
            "revoked": key.revoked.isoformat() if key.revoked else None,
        }
        return json.dumps(told, ensure_ascii=False)
    ended = f", revoked {key.revoked:%Y-%m-%d}" if key.revoked else ""
    shadow = ", shadow" if key.shadow else ""
    return (
        f"{key.name}: {key.band.value}, {', '.join(dialects)}, "
        f"{key.per_minute} a minute{shadow}{ended}"
    )


@contextmanager
def _store() -> Iterator[Store]:
    from perisai import settings
    from perisai.storage.open import open_store

    store = open_store(settings.load())
    try:
        yield store
    finally:
        store.close()
