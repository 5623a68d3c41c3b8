"""How does an invitation look? The letter as PDF, as a document to edit, and as a calendar entry.

``Letter.of(settings.desk, case, summons, "id")`` builds the letter from the facts;
``pdf.render``, ``docx.render`` and ``ics.render`` make files of it, the same bytes for the same
letter. docs/letters.md shows one.
"""

from __future__ import annotations

from perisai.desk.summons.letters.letter import Letter

__all__ = ["Letter"]
