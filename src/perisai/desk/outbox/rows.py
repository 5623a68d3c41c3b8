"""The row of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.outbox.models import MessageRow
from perisai.desk.outbox.state import ORDER

if TYPE_CHECKING:
    from perisai.desk.outbox.state import Message


def of_message(message: Message) -> MessageRow:
    """What a message is looked up by."""
    return MessageRow(
        id=message.id,
        channel=message.channel,
        kind=message.kind[:40],
        receiver=message.receiver,
        subject=message.subject,
        case=message.about.get("case", ""),
        item=message.about.get("item", ""),
        standing=message.standing,
        rank=ORDER.index(message.standing),
        put=message.put,
        attempts=message.attempts,
        due=message.due,
        why=message.why,
        acknowledged=message.acknowledged,
        position=message.position,
    )
