"""The letter as a Word document that an officer can edit: real styles, real lists, real pages."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, cast

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from perisai.desk.summons.letters.sheet import laid_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docx.document import Document as Doc
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

    from perisai.desk.summons.letters.letter import Letter
    from perisai.desk.summons.letters.sheet import Part, Sheet

FONT = "Times New Roman"
TEAL = RGBColor(0x12, 0x4E, 0x5C)
RED = RGBColor(0x8A, 0x1C, 0x1C)
HEAD, PAIR, BODY, SIGNATURE = "Letterhead", "Reference", "Body Text", "Signature"
LANGUAGES = {"id": "id-ID", "en": "en-GB"}
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_AFTER_BORDER = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
"""What must stand behind a paragraph's border, by the order that the format asks for."""
_FORMATS = {"1": ("decimal", "%1."), "a": ("lowerLetter", "%1.")}


def render(letter: Letter) -> bytes:
    """Return the letter as DOCX; the same letter gives the same bytes.

    Raises SettingsError if the letter's procedure cannot be read.
    """
    sheet = laid_out(letter)
    document = Document()
    _set_up(document, sheet)
    _head(document, sheet)
    _address(document, sheet)
    _body(document, sheet)
    _end(document, sheet)
    properties = document.core_properties
    properties.title = sheet["title"][:255]
    properties.author = properties.last_modified_by = sheet["author"][:255]
    properties.created = properties.modified = letter.written.replace(microsecond=0)
    properties.language = LANGUAGES[sheet["language"]]
    properties.comments = ""
    package = document.part.package
    for key, each in list(package.rels.items()):
        if each.reltype == RELATIONSHIP.THUMBNAIL:
            del package.rels[key]  # the template's own preview: a letter carries no picture
    written = io.BytesIO()
    document.save(written)
    return same_bytes(written)


def _set_up(document: Doc, sheet: Sheet) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(25), Mm(22)
    section.top_margin, section.bottom_margin = Mm(16), Mm(18)
    normal = _style(document, "Normal")
    normal.font.name, normal.font.size = FONT, Pt(11)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    _speak(normal, LANGUAGES[sheet["language"]])
    for name in (HEAD, PAIR, SIGNATURE):
        if name not in document.styles:
            document.styles.add_style(name, 1)  # 1: a style of paragraphs
        _style(document, name).base_style = normal
    _style(document, HEAD).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _style(document, BODY).paragraph_format.space_after = Pt(5)
    _style(document, SIGNATURE).paragraph_format.left_indent = Mm(91)
    _style(document, SIGNATURE).paragraph_format.keep_with_next = True
    heading = _style(document, "Heading 2")
    heading.font.size, heading.font.bold, heading.font.color.rgb = Pt(11), True, RGBColor(0, 0, 0)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(8), Pt(2)
    heading.paragraph_format.keep_with_next = True
    title = _style(document, "Title")
    title.font.size, title.font.bold, title.font.color.rgb = Pt(16), True, TEAL
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after = Pt(0)
    for style in (heading, title):
        _own_font(style)
    _remove(title.element.get_or_add_pPr(), "w:pBdr")
    _page_numbers(document, sheet)


def _head(document: Doc, sheet: Sheet) -> None:
    if sheet["draft_note"]:
        note = document.add_paragraph(style=HEAD).add_run(sheet["draft_note"])
        note.font.bold, note.font.color.rgb = True, RED
    document.add_paragraph(sheet["house"].upper(), style="Title")
    last: Paragraph | None = None
    for each in sheet["letterhead"] or [""]:
        last = document.add_paragraph(style=HEAD)
        last.add_run(each).font.size = Pt(9.5)
    if last is not None:
        last.paragraph_format.space_after = Pt(8)
        last.paragraph_format.element.get_or_add_pPr().insert_element_before(
            parse_xml(
                f'<w:pBdr {nsdecls("w")}><w:bottom w:val="thickThinSmallGap" w:sz="18" w:space="3" '
                f'w:color="124E5C"/></w:pBdr>'
            ),
            *_AFTER_BORDER,
        )


def _address(document: Doc, sheet: Sheet) -> None:
    pairs = _pairs(document, sheet["references"], Mm(28))
    # The place and the day stand at the right of the first line.
    pairs[0].paragraph_format.tab_stops.add_tab_stop(Mm(163), WD_TAB_ALIGNMENT.RIGHT)
    pairs[0].add_run(f"\t{sheet['place_date']}")
    pairs[-1].paragraph_format.space_after = Pt(8)
    first, *others = sheet["recipient"] or [""]
    paragraph = document.add_paragraph(f"{sheet['to']} {first}")
    for each in others:
        paragraph = document.add_paragraph(each)
    paragraph.paragraph_format.space_after = Pt(8)


def _body(document: Doc, sheet: Sheet) -> None:
    document.add_paragraph(sheet["greeting"], style=BODY)
    for each in sheet["opening"]:
        document.add_paragraph(each, style=BODY)
    _pairs(document, sheet["meeting"], Mm(30), indent=Mm(8))
    for part in sheet["parts"]:
        document.add_paragraph(part["title"], style="Heading 2")
        _list(document, part)


def _end(document: Doc, sheet: Sheet) -> None:
    for index, each in enumerate(sheet["closing"]):
        paragraph = document.add_paragraph(each, style=BODY)
        paragraph.paragraph_format.keep_with_next = True
        if index == 0:
            paragraph.paragraph_format.space_before = Pt(8)
    if sheet["farewell"]:
        document.add_paragraph(sheet["farewell"], style=SIGNATURE)
    for each in (f"{sheet['signer_title']},", "", "", ""):  # room for the signature
        document.add_paragraph(each, style=SIGNATURE)
    name = document.add_paragraph(style=SIGNATURE)
    name.add_run(sheet["signer_name"]).bold = True
    name.paragraph_format.keep_with_next = bool(sheet["copies"])
    if sheet["copies"]:
        title = document.add_paragraph(f"{sheet['copies_title']}:")
        title.paragraph_format.keep_with_next = True
        _list(document, {"title": "", "style": "1", "items": sheet["copies"]})


def _pairs(
    document: Doc, pairs: Iterable[tuple[str, str]], width: Mm, indent: Mm | None = None
) -> list[Paragraph]:
    """Label, colon and value in columns, made of tabs: easier to edit than a table."""
    start = indent or Mm(0)
    made = []
    for label, value in pairs:
        paragraph = document.add_paragraph(style=PAIR)
        shape = paragraph.paragraph_format
        shape.left_indent = start + width + Mm(4)
        shape.first_line_indent = -(width + Mm(4))
        shape.tab_stops.add_tab_stop(start + width)
        shape.tab_stops.add_tab_stop(start + width + Mm(4))
        paragraph.add_run(f"{label}\t:\t{value}")
        made.append(paragraph)
    return made


def _list(document: Doc, part: Part) -> None:
    """A list that Word numbers, beginning anew."""
    number = _numbering(document, part["style"])
    for each in part["items"]:
        paragraph = document.add_paragraph(each, style="List Number")
        properties = paragraph.paragraph_format.element.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_numId().val = number
        properties.get_or_add_ilvl().val = 0


def _numbering(document: Doc, style: str) -> int:
    """Define one more list; return its number."""
    numbering = document.part.numbering_part.element
    known = numbering.findall(qn("w:abstractNum"))
    key = max(int(each.get(qn("w:abstractNumId"))) for each in known) + 1
    form, text = _FORMATS[style]
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{key}"><w:multiLevelType '
        f'w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="454" '
        f'w:hanging="340"/></w:pPr></w:lvl></w:abstractNum>'
    )
    known[-1].addnext(abstract)  # the format wants every definition before the first list
    return cast("int", numbering.add_num(key).numId)


def _page_numbers(document: Doc, sheet: Sheet) -> None:
    """From the second page on, as the official form has it."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, rest = sheet["page"].partition("{page}")
    between, _, after = rest.partition("{pages}")
    for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
        paragraph.add_run(text)
        if field:
            paragraph.runs[-1].element.addnext(
                parse_xml(
                    f'<w:fldSimple {nsdecls("w")} w:instr="{field}"><w:r><w:t>1</w:t></w:r>'
                    f"</w:fldSimple>"
                )
            )
    if sheet["draft"]:
        for header in (section.first_page_header, section.header):
            header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
            run = header.paragraphs[0].add_run(sheet["draft"])
            run.font.bold, run.font.size, run.font.color.rgb = True, Pt(20), RED


def _style(document: Doc, name: str) -> ParagraphStyle:
    return cast("ParagraphStyle", document.styles[name])


def _speak(style: ParagraphStyle, language: str) -> None:
    """Tell the spelling checker which language this is."""
    properties = style.element.get_or_add_rPr()
    _remove(properties, "w:lang")
    element = OxmlElement("w:lang")
    element.set(qn("w:val"), language)
    properties.append(element)


def _own_font(style: ParagraphStyle) -> None:
    """Take the theme's font from a heading, so that the letter has one."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for each in list(fonts.attrib):
        del fonts.attrib[each]
    style.font.name = FONT


def _remove(properties: BaseOxmlElement, name: str) -> None:
    for each in properties.findall(qn(name)):
        properties.remove(each)


def same_bytes(written: io.BytesIO) -> bytes:
    """Pack the parts again with one time for all: a document's hash must not depend on when."""
    packed = io.BytesIO()
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(packed, "w") as new:
        for each in old.infolist():
            name = zipfile.ZipInfo(each.filename, ZIP_TIME)
            name.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(name, old.read(each))
    return packed.getvalue()
