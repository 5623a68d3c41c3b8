"""A letter that an officer edited in a word processor: looked through, and given its number."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from perisai.desk.attachments.sniffing import DOCX, kind_of
from perisai.desk.summons.letters.docx import same_bytes
from perisai.desk.summons.letters.sheet import PENDING
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from docx.document import Document as Doc
    from docx.oxml.xmlchemy import BaseOxmlElement

LARGEST_UNPACKED = 64 * 1024 * 1024
_UNREADABLE = (
    OpcError, SyntaxError, zipfile.BadZipFile, zlib.error, OSError, ValueError, KeyError,
    AttributeError, TypeError, NotImplementedError, RuntimeError,
)  # fmt: skip
_NOT_IN_A_LETTER = ("/image", "/oleObject", "/package", "/control", "/aFChunk", "/video", "/audio")
_OPEN_CHANGES = ("w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:commentReference", "w:comment")


def check(data: bytes, words: Mapping[str, str], sealed: Collection[str]) -> None:
    """Raise NotYet, saying why, if this cannot be the letter.

    ``words`` are those of the procedure in the letter's language; ``sealed`` are the SHA-256 of
    what is closed to everyone, which no letter names.
    """
    document = _opened(data)
    for each in document.part.package.iter_rels():
        if each.is_external and each.reltype != RELATIONSHIP.HYPERLINK:
            raise NotYet("The file fetches something from elsewhere; paste its text instead.")
        if each.reltype.endswith(_NOT_IN_A_LETTER):
            raise NotYet("A letter carries no picture and no other file; take them out.")
    if any(next(each.iter(*map(qn, _OPEN_CHANGES)), None) is not None for each in _xml(document)):
        raise NotYet("The file has tracked changes or comments; accept or delete them first.")
    if _place(document, words) is None:
        raise NotYet(
            "The place of the number is gone: leave the line of the number with its … as it was."
        )
    names_nothing_sealed(data, sealed)


def names_nothing_sealed(data: bytes, sealed: Collection[str]) -> None:
    """Raise NotYet if a letter names the SHA-256 of something sealed."""
    if not sealed:
        return
    package = _opened(data).part.package
    parts = (each.blob for each in package.iter_parts() if each.content_type.endswith("xml"))
    text = b"".join(re.sub(rb"<[^>]*>|\s", b"", each) for each in parts).lower()
    if any(each.lower().encode() in text for each in sealed):
        raise NotYet("The letter names a file that is sealed; take that out.")


def unnumbered(data: bytes, number: str, words: Mapping[str, str]) -> bytes:
    """Return a letter whose number is taken out again, with the … in its place.

    As it was given where the … stands already, or the number does not.
    """
    document = _opened(data)
    place = _place(document, words, number) if number else None
    if place is None or _place(document, words) is not None:
        return data
    place.text = str(place.text).replace(number, PENDING, 1)
    written = io.BytesIO()
    document.save(written)
    return same_bytes(written)


def numbered(data: bytes, number: str, words: Mapping[str, str], house: str) -> bytes:
    """Return the edited letter with its number, and without what said that it is a draft.

    The same gives the same bytes. Who edited it is not told to its receiver. Raises NotYet where
    :func:`check` does.
    """
    document = _opened(data)
    place = _place(document, words)
    if place is None:
        raise NotYet(
            "The place of the number is gone: leave the line of the number with its … as it was."
        )
    place.text = str(place.text).replace(PENDING, number, 1)
    place.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    for each in list(document.element.body.iter(qn("w:p"))):
        if _text(each).strip() == words["draft_note"]:
            each.getparent().remove(each)
    for section in document.sections:
        for header in (section.first_page_header, section.header, section.even_page_header):
            if header.is_linked_to_previous:
                continue
            for paragraph in header.paragraphs:
                if paragraph.text.strip() == words["draft"]:
                    paragraph.clear()
    properties = document.core_properties
    properties.title = properties.title.replace(PENDING, number)[:255]
    properties.author = properties.last_modified_by = house[:255]
    written = io.BytesIO()
    document.save(written)
    return same_bytes(written)


def _opened(data: bytes) -> Doc:
    if kind_of(data) != DOCX:
        raise NotYet("Upload the letter as DOCX without macros.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            if sum(each.file_size for each in file.infolist()) > LARGEST_UNPACKED:
                raise NotYet("This file cannot be read as a letter; save it as DOCX again.")
        return Document(io.BytesIO(data))
    except _UNREADABLE as error:
        raise NotYet("This file cannot be read as a letter; save it as DOCX again.") from error


def _xml(document: Doc) -> Iterator[BaseOxmlElement]:
    """What is written in all parts of a letter: heads, feet and notes, too. Raises NotYet."""
    for part in document.part.package.iter_parts():
        if part.content_type.endswith("xml"):
            try:
                yield parse_xml(part.blob)
            except _UNREADABLE as error:
                raise NotYet(
                    "This file cannot be read as a letter; save it as DOCX again."
                ) from error


def _place(document: Doc, words: Mapping[str, str], mark: str = PENDING) -> BaseOxmlElement | None:
    """The piece of text in which the number is to stand, or stands."""
    label = words["number"].casefold()
    for paragraph in document.element.body.iter(qn("w:p")):
        if not _text(paragraph).strip().casefold().startswith(label):
            continue
        for each in paragraph.iter(qn("w:t")):
            if mark in str(each.text):
                found: BaseOxmlElement = each
                return found
    return None


def _text(paragraph: BaseOxmlElement) -> str:
    return "".join(str(each.text or "") for each in paragraph.iter(qn("w:t")))
