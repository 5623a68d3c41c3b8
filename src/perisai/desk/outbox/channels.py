"""How a message travels: by e-mail (SMTP), or signed to a receiver's machine (HTTP)."""

from __future__ import annotations

import asyncio
import json
import os
import smtplib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from perisai.errors import FetchRefused, Undelivered, UpstreamError
from perisai.gateway.fetching import Fetcher
from perisai.gateway.uploads.webhooks import SIGNATURE, read_webhook, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from perisai.desk.outbox.contents import Content
    from perisai.desk.outbox.state import Message
    from perisai.settings import Settings
    from perisai.settings.outgoing import MailSection, ReceiverSection

WEBHOOK_SECONDS = 20.0
LONGEST_ANSWER = 64 * 1024
_EMPTY = "not set or empty; put the secret there: without it the desk does not start"
KEY = "Idempotency-Key"
"""The header under which a receiver finds the number of a message, to drop a repetition."""


class Channel(Protocol):
    """Takes one message to its receiver."""

    def send(self, message: Message, content: Content) -> bool:
        """Deliver; return whether the receiver has acknowledged it already.

        Raises Undelivered. May be asked again for the same message: its number is sent along.
        """


def open_channels(settings: Settings, clock: Callable[[], datetime]) -> dict[str, Channel]:
    """The channels that are set up. Raises SettingsError if a secret is not in the environment."""
    made: dict[str, Channel] = {}
    if settings.mail.host:
        made["email"] = Mail(settings.mail, settings.desk.email, password(settings))
    secrets = {name: secret_of(settings, name) for name in settings.receivers}
    if secrets:
        made["webhook"] = Webhook(settings.receivers, secrets, clock)
    return made


def password(settings: Settings) -> str:
    """What the mail server is signed in to with; empty if it wants none. Raises SettingsError."""
    name = settings.mail.password_env
    if name is None:
        return ""
    if not os.environ.get(name):
        raise settings.problem(("mail", "password_env"), f"names {name}, which is {_EMPTY}")
    return os.environ[name]


def secret_of(settings: Settings, receiver: str) -> str:
    """What messages to this receiver are signed by. Raises SettingsError."""
    name = settings.receivers[receiver].secret_env
    if not os.environ.get(name):
        key = ("receivers", receiver, "secret_env")
        raise settings.problem(key, f"names {name}, which is {_EMPTY}")
    return os.environ[name]


class Mail:
    """Takes messages to a mail server. It never says that the receiver has read them."""

    def __init__(self, mail: MailSection, house: str, password: str) -> None:
        self._mail = mail
        self._sender = mail.sender or house
        self._domain = house.partition("@")[2]
        self._password = password

    def send(self, message: Message, content: Content) -> bool:
        """Hand the message to the server."""
        backend = EmailBackend(
            host=self._mail.host,
            port=self._mail.port,
            username=self._mail.user or "",
            password=self._password,
            use_tls=self._mail.security == "starttls",
            use_ssl=self._mail.security == "tls",
            timeout=self._mail.timeout_seconds,
        )
        mail = EmailMessage(
            message.subject,
            content.text,
            self._sender,
            [message.address],
            headers={"Message-ID": f"<{message.id}@{self._domain}>", KEY: message.id},
            connection=backend,
        )
        for file in content.files:
            mail.attach(file.name, file.data, file.kind)
        try:
            mail.send()
        except smtplib.SMTPAuthenticationError:
            raise Undelivered("The mail server does not accept the sign-in.") from None
        except smtplib.SMTPRecipientsRefused as error:
            code = next((each[0] for each in error.recipients.values()), 0)
            raise Undelivered(f"The mail server refuses this address ({code}).") from None
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"The mail server refuses the message ({error.smtp_code}).") from None
        except (OSError, smtplib.SMTPException):
            raise Undelivered("The mail server cannot be reached.") from None
        except ValueError:
            raise Undelivered("The address or the subject cannot stand in an e-mail.") from None
        return False


@dataclass(frozen=True, slots=True)
class Webhook:
    """Takes messages to receivers' machines; an answer that repeats the number acknowledges."""

    receivers: Mapping[str, ReceiverSection]
    secrets: Mapping[str, str]
    clock: Callable[[], datetime]

    def send(self, message: Message, content: Content) -> bool:
        """Send the message, signed."""
        known = self.receivers.get(message.address)
        if known is None:
            raise Undelivered("The receiver is not set up here any more.")
        told = {
            "id": message.id,
            "kind": message.kind,
            "about": dict(message.about),
            "subject": message.subject,
            "text": content.text,
            "put_at": message.put.isoformat() if message.put else None,
            "data": dict(content.data),
        }
        body = json.dumps(told, ensure_ascii=False).encode()
        at = int(self.clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            KEY: message.id,
            SIGNATURE: signature(self.secrets[message.address], body, at),
        }
        status, data = asyncio.run(_post(known, body, headers))
        if not 200 <= status < 300:
            raise Undelivered(f"The receiver answers with status {status}.")
        return _repeats(data, message.id)


async def _post(
    known: ReceiverSection, body: bytes, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    fetcher = Fetcher(private=known.private, seconds=WEBHOOK_SECONDS, silence=WEBHOOK_SECONDS)
    try:
        place = read_webhook(known.url, private=known.private)
        answer = await fetcher.post(place, body, headers, limit=LONGEST_ANSWER)
    except FetchRefused:
        raise Undelivered("The receiver's address or answer is not acceptable.") from None
    except UpstreamError:
        raise Undelivered("The receiver cannot be reached.") from None
    finally:
        await fetcher.close()
    return answer.status, answer.data


def _repeats(data: bytes, key: str) -> bool:
    try:
        told = json.loads(data)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("id") == key
