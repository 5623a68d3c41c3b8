"""What a word processor does to a letter: real DOCX files, edited in memory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import docx as word
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from tests.common import screening

if TYPE_CHECKING:
    from collections.abc import Callable

    from docx.document import Document

TEMPLATE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
ADDED = "Mohon bawa juga catatan rapat."


def edited(data: bytes, change: Callable[[Document], object] | None = None) -> bytes:
    """The letter with one more paragraph, or changed otherwise."""
    document = word.Document(io.BytesIO(data))
    (change or (lambda d: d.add_paragraph(ADDED)))(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def text(data: bytes) -> str:
    """Everything that it says, headers too."""
    document = word.Document(io.BytesIO(data))
    heads = [p for s in document.sections for p in (*s.header.paragraphs,
             *s.first_page_header.paragraphs)]  # fmt: skip
    return "\n".join(each.text for each in (*heads, *document.paragraphs))


def without_place(document: Document) -> None:
    for each in document.paragraphs:
        for run in each.runs:
            run.text = run.text.replace("…", "12")


def with_picture(document: Document) -> None:
    document.add_picture(io.BytesIO(screening.clip(screening.scene(2))))


def tracked(document: Document) -> None:
    document.paragraphs[-1]._p.append(OxmlElement("w:del"))


def tracked_above(document: Document) -> None:
    document.sections[0].header.paragraphs[0]._p.append(OxmlElement("w:ins"))


def commented(document: Document) -> None:
    """A comment whose place was taken out: no page shows it, but the file still holds it."""
    document.add_comment(document.paragraphs[0].runs[:1], text="Jangan kirim dulu.", author="x")
    for each in list(document.element.body.iter(qn("w:commentReference"))):
        each.getparent().remove(each)


def fetching(document: Document) -> None:
    document.part.relate_to("https://x.invalid/a.dotm", TEMPLATE, is_external=True)
