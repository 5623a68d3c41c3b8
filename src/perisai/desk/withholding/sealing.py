"""Whether a file is sealed: asked before it is shown, freed, listed or kept anywhere."""

from __future__ import annotations

from perisai.desk.withholding.models import WithholdingRow
from perisai.desk.withholding.state import SEALED


def is_sealed(sha256: str, alias: str) -> bool:
    """Whether somebody has sealed this file, in any case or complaint."""
    return WithholdingRow.objects.using(alias).filter(sha256=sha256, what=SEALED).exists()
