"""Hash lists: what is known, from whom, under which rule, and until when.

:class:`ListStore` keeps lists in SQLite, which is the truth; :class:`Matcher` answers "is it on a
list?" for files, frames and clips.
"""

from perisai.matching.lists.fingerprints import entries_of
from perisai.matching.lists.matcher import ClipMatch, FileMatch, FrameMatch, Matcher
from perisai.matching.lists.model import Entry, HashList, Kind, Sharing
from perisai.matching.lists.rows import Added, Event
from perisai.matching.lists.store import ListStore
from perisai.matching.lists.transfer import Imported

__all__ = [
    "Added",
    "ClipMatch",
    "Entry",
    "Event",
    "FileMatch",
    "FrameMatch",
    "HashList",
    "Imported",
    "Kind",
    "ListStore",
    "Matcher",
    "Sharing",
    "entries_of",
]
