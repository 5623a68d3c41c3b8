"""The rows of an account that are computed from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.people.models import AskedRow, BoundRow, InvitationRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from perisai.desk.people.state import Account

TABLES: tuple[type[Model], ...] = (AskedRow, BoundRow, InvitationRow)


def of_account(account: Account) -> Iterator[Model]:
    """What was asked for, who at an agency signs in with it, and the link that is out."""
    if asked := account.asked:
        yield AskedRow(
            account=account.name,
            what=asked.what,
            role=asked.role,
            platform=asked.platform,
            agency=asked.agency,
            identity=asked.identity,
            by=asked.by,
            at=asked.at,
        )
    for agency, identity in account.bound:
        yield BoundRow(identity=identity, account=account.name, agency=agency)
    if account.door:
        yield InvitationRow(account=account.name, door=account.door, until=account.until)


def put(account: Account, alias: str) -> None:
    """Write them in the place of those that were there."""
    for table in TABLES:
        table._default_manager.using(alias).filter(account=account.name).delete()
    for row in of_account(account):
        row.save(using=alias)
