"""Help cards: pickers show no text, so what a child may need to read is a picture.

They are drawn here from the words of :mod:`perisai.vocabulary`, and then treated like any other
item: screened, kept, and served only if allowed.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from perisai.gateway.items import OURS, Item, Rendition, Served, ServedItem, Size
from perisai.vocabulary import cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.gateway.search.intake import Intake
    from perisai.gateway.search.searcher import Numbers
    from perisai.gateway.search.verdicts import Verdicts
    from perisai.terms import AgeBand

UPSTREAM = OURS
WIDTH, MARGIN = 360, 20
LANGUAGES = ("id", "en")
_BACK, _FRONT, _ACCENT = (18, 78, 92), (255, 255, 255), (255, 214, 102)
_HEADING = {"id": "Kamu tidak sendirian", "en": "You are not alone"}
_TITLE = {"id": "Bantuan", "en": "Help"}


class HelpCards:
    """All cards in both languages."""

    def __init__(self, intake: Intake, verdicts: Verdicts, numbers: Numbers) -> None:
        self._intake = intake
        self._verdicts = verdicts
        self._numbers = numbers
        self._shas: dict[str, str] = {}

    async def prepare(self) -> None:
        """Draw and screen the cards, all of them."""
        for name, card in cards().items():
            for language in LANGUAGES:
                data = draw(card.id if language == "id" else card.en, language)
                item = _item(f"{name}-{language}")
                known = await self._intake.take(item, "gif-tiny", data, urgent=True)
                self._shas[item.id] = known.screened.sha256

    async def renew(self) -> None:
        """Screen the cards again if what was known of them rests on another basis than today's."""
        shas = set(self._shas.values())
        if len(await self._verdicts.known(shas)) < len(shas):
            await self.prepare()

    async def items(
        self, names: Sequence[str], locale: str, band: AgeBand
    ) -> tuple[ServedItem, ...]:
        """The cards with these names in the client's language, if they may be shown."""
        language = "en" if locale.lower().startswith("en") else "id"
        return await self.by_id([f"{name}-{language}" for name in names], band)

    async def by_id(self, ids: Sequence[str], band: AgeBand) -> tuple[ServedItem, ...]:
        """The cards with these ids, as in ``danger-id``."""
        shas = {each: self._shas[each] for each in ids if each in self._shas}
        known = await self._verdicts.known(set(shas.values()))
        shown = []
        for each, sha256 in shas.items():
            found = known.get(sha256)
            if found is None or not found.allows(band):
                continue
            seen = found.screened
            served = Served(sha256, seen.type, seen.width, seen.height, seen.size)
            number = self._numbers.number(UPSTREAM, each)
            shown.append(ServedItem(number, _item(each), {(seen.type, Size.TINY): served}))
        return tuple(shown)


def _item(name: str) -> Item:
    rendition = Rendition("gif", Size.TINY, f"perisai:{name}", WIDTH, 0)
    return Item(UPSTREAM, name, "gif", _TITLE[name.rpartition("-")[2]], (), (rendition,))


def draw(words: str, language: str) -> bytes:
    """Draw a card as a still GIF, 360 pixels wide and as high as its words need."""
    heading, body = ImageFont.load_default(24), ImageFont.load_default(17)
    pen = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    lines = _wrapped(pen, words, body)
    height = 2 * MARGIN + 40 + 23 * len(lines)
    picture = Image.new("RGB", (WIDTH, height), _BACK)
    pen = ImageDraw.Draw(picture)
    pen.text((MARGIN, MARGIN), _HEADING[language], fill=_ACCENT, font=heading)
    for row, line in enumerate(lines):
        pen.text((MARGIN, MARGIN + 40 + 23 * row), line, fill=_FRONT, font=body)
    with BytesIO() as out:
        picture.quantize(32).save(out, "GIF")
        return out.getvalue()


def _wrapped(
    pen: ImageDraw.ImageDraw, words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font=font) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
