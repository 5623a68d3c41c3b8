"""Reading letters back, as their receivers would."""

from __future__ import annotations

import io

import docx
from pypdf import PdfReader


def of_pdf(made: bytes) -> str:
    """The text of all pages in one line: where a line breaks is not the question."""
    pages = PdfReader(io.BytesIO(made)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def pages(made: bytes) -> int:
    return len(PdfReader(io.BytesIO(made)).pages)


def of_docx(made: bytes) -> str:
    return "\n".join(each.text for each in docx.Document(io.BytesIO(made)).paragraphs)


def squeezed(text: str) -> str:
    """Without any space: also a word that was broken over lines can be found."""
    return "".join(text.split())
