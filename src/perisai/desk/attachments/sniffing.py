"""What a document is, as its bytes say; what its sender calls it does not count."""

from __future__ import annotations

import io
import zipfile

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "text/plain"
CSV = "text/csv"
ENDINGS = {PDF: "pdf", DOCX: "docx", TEXT: "txt", CSV: "csv"}
_SEPARATORS = (",", ";", "\t")
_PARTS = 2_000
_CONTROL = frozenset(chr(each) for each in (*range(32), 127)) - frozenset("\t\n\r\f")


def kind_of(data: bytes) -> str | None:
    """The media type, if it is one that is kept; None for anything else, macros among it."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return DOCX if _is_docx(data) else None
    return _kind_of_text(data)


def _is_docx(data: bytes) -> bool:
    """Whether it is a Word document without macros. Nothing in it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = {each.lower() for each in file.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    macros = any("vbaproject" in name or "activex" in name for name in names)
    whole = {"[content_types].xml", "word/document.xml"} <= names
    return whole and not macros and len(names) <= _PARTS


def _kind_of_text(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or _CONTROL & set(text):
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    for separator in _SEPARATORS:
        counts = {line.count(separator) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts != {0}:
            return CSV
    return TEXT
