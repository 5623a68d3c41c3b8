"""Files that adults may send, where the house names the law by which it may take them.

Off by default, and never offered where a child may be shown or may be asking: link and words are
asked for instead. A file is held in memory, screened, hashed, and gone when its request is; what is
found is kept with the complaint, and a match with a list of child abuse seals it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perisai.errors import ServiceError
from perisai.terms import Label

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from perisai.desk.public.drafts import Draft
    from perisai.desk.public.here import Site
    from perisai.settings import Settings

PAGES = ("/aduan", "/en/aduan")
"""Where a file may come to."""
FORM = "multipart/form-data"
FIELD = "file"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a file. ``found`` is what is kept of it; empty if it could not be looked at."""

    sha256: str = ""
    found: dict[str, Any] | None = None

    @property
    def abuse(self) -> bool:
        """Whether it matches a list of child abuse."""
        findings = (self.found or {}).get("findings", ())
        return any(each.get("label") == Label.ABUSE for each in findings)


def most(settings: Settings) -> int:
    """Bytes of the largest file that is taken; 0 where none is."""
    return settings.desk.upload_bytes if settings.desk.upload_basis else 0


def offered(site: Site, draft: Draft) -> bool:
    """Whether this visitor may send a file: a grown person, who has said that no child is shown."""
    return bool(most(site.settings)) and draft.grown and draft.said.get("child") == "no"


def look_at(site: Site, file: UploadedFile[bytes]) -> Seen:
    """Have a file looked at; it is closed afterwards, whatever happened."""
    try:
        if site.looking is None or not file.size or file.size > most(site.settings):
            return Seen()
        found = site.looking.look(file.read(), "")
    except ServiceError:
        return Seen()
    finally:
        file.close()
    return Seen(found.pop("sha256"), found)
