"""The settings of what leaves the house: the mail server, and receivers of signed messages."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from perisai.settings.kinds import Number, Section, Switch, Text, Whole

_PAGE = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[!-~]*)?")


class MailSection(Section):
    """The mail server that letters leave by. Without it, everything is carried by hand."""

    host: Text | None = Field(
        None, description="Mail server (SMTP). Without it, nothing is sent by e-mail."
    )
    port: Whole = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the connection is kept private: `starttls` (587), `tls` from the first "
        "byte (465), or `none`, for a server on this machine alone.",
    )
    user: Text | None = Field(None, description="Name to sign in with, if the server wants one.")
    password_env: Text | None = Field(
        None, description="Name of the environment variable with the password."
    )
    sender: Text | None = Field(
        None, description="Address that mail comes from. Without it, `desk.email`."
    )
    timeout_seconds: Number = Field(
        20.0, gt=0, le=60, description="Longest wait for the server, in seconds."
    )


class ReceiverSection(Section):
    """Somebody whose machine takes messages: referrals, notices. docs/outbox.md says how."""

    url: Text = Field(description="Where messages are sent, as in `https://example.org/perisai`.")
    secret_env: Text = Field(
        description="Name of the environment variable with the secret that messages are signed by."
    )
    private: Switch = Field(
        default=False,
        description="Whether the address may lie in a private network, and be `http://`.",
    )

    @field_validator("url")
    @classmethod
    def _page(cls, value: str) -> str:
        if not _PAGE.fullmatch(value):
            raise ValueError(f"is {value!r}; must be an address like https://example.org/perisai")
        return value
