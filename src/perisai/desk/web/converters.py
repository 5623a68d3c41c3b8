"""What may stand in an address: numbers of ours and nothing else."""

from __future__ import annotations

from django.urls import register_converter


class _Text:
    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Case(_Text):
    """The number of a case."""

    regex = r"K-[0-9]{4}-[0-9]{4,9}"


class Complaint(_Text):
    """The number of a complaint."""

    regex = r"a-[0-9a-f]{16}"


class Attachment(_Text):
    """The number of a document within its case."""

    regex = r"b-[0-9]{1,4}"


class Letter(_Text):
    """The number of a letter within its case."""

    regex = r"s-[0-9]{1,4}"


class Commitment(_Text):
    """The number of a commitment within its case."""

    regex = r"c-[0-9]{1,4}"


class Improvement(_Text):
    """The number of an improvement request within its case."""

    regex = r"i-[0-9]{1,4}"


class Message(_Text):
    """The number of something that left the house."""

    regex = r"o-[0-9a-f]{16}"


class Sha256(_Text):
    """A SHA-256 in hexadecimal digits."""

    regex = r"[0-9a-f]{64}"


class Clock(_Text):
    """The name of a clock."""

    regex = r"[a-z]{1,20}(?::[a-z][a-z0-9-]{0,23}(?:\.[0-9]{1,2})?)?"


class Number(_Text):
    """The number of a note or an answer within its case."""

    regex = r"[1-9][0-9]{0,3}"


class Language(_Text):
    """A language of letters."""

    regex = r"id|en"


class Form(_Text):
    """A form in which letters are given out."""

    regex = r"pdf|docx|ics"


class Figure(_Text):
    """The name of a figure."""

    regex = r"[a-z]{1,20}"


class Account(_Text):
    """The name of an account."""

    regex = r"[A-Za-z0-9._@+-]{1,150}"


class Token(_Text):
    """The secret of an invitation."""

    regex = r"[A-Za-z0-9_-]{43}"


class Session(_Text):
    """The number of an open session."""

    regex = r"[0-9a-f]{16}"


class Agency(_Text):
    """The name of an agency, as the settings have it."""

    regex = r"[a-z0-9-]{1,40}"


def register() -> None:
    """Make them known to Django."""
    for kind in (
        Case,
        Complaint,
        Attachment,
        Letter,
        Commitment,
        Improvement,
        Message,
        Sha256,
        Clock,
        Number,
        Language,
        Form,
        Figure,
        Account,
        Token,
        Session,
        Agency,
    ):
        register_converter(kind, kind.__name__.lower())
