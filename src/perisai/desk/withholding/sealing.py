"""Whether a file is sealed: asked before it is shown, freed, listed or kept anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.withholding.models import WithholdingRow
from perisai.desk.withholding.state import SEALED

if TYPE_CHECKING:
    from collections.abc import Collection


def is_sealed(sha256: str, alias: str) -> bool:
    """Whether somebody has sealed this file, in any case or complaint."""
    return WithholdingRow.objects.using(alias).filter(sha256=sha256, what=SEALED).exists()


def is_sealed_in_a_case(sha256: str, alias: str) -> bool:
    """The same, but not only by way of a complaint that names it: whoever writes one names any.

    Asked before something is destroyed, which nobody can undo.
    """
    rows = WithholdingRow.objects.using(alias).filter(sha256=sha256, what=SEALED)
    return rows.exclude(case="").exists()


def sealed_of(files: Collection[str], alias: str) -> frozenset[str]:
    """Which of these files somebody has sealed, by SHA-256."""
    rows = WithholdingRow.objects.using(alias).filter(sha256__in=files, what=SEALED)
    return frozenset(rows.values_list("sha256", flat=True))
