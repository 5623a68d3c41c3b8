"""The rows of an account that are computed from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.people.models import AskedRow, InvitationRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from perisai.desk.people.state import Account

TABLES: tuple[type[Model], ...] = (AskedRow, InvitationRow)


def of_account(account: Account) -> Iterator[Model]:
    """What was asked for, and the link that is out."""
    if asked := account.asked:
        yield AskedRow(
            account=account.name,
            what=asked.what,
            role=asked.role,
            platform=asked.platform,
            by=asked.by,
            at=asked.at,
        )
    if account.door:
        yield InvitationRow(account=account.name, door=account.door, until=account.until)


def put(account: Account, alias: str) -> None:
    """Write them in the place of those that were there."""
    for table in TABLES:
        table._default_manager.using(alias).filter(account=account.name).delete()
    for row in of_account(account):
        row.save(using=alias)
