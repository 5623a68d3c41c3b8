"""Before and after as bars: an SVG whose numbers stand beneath it in a table as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.charts import Bars, Value, bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.desk.public.outcomes import Compared


def chart(compared: Sequence[Compared]) -> Bars:
    """Lay the bars out; the full width is 100 %."""
    rows = []
    for each in compared:
        pairs = (("before", each.before), ("after", each.after))
        values = [
            Value(kind, measured.share, f"{measured.share:.0%}")
            for kind, measured in pairs
            if measured is not None
        ]
        rows.append((each.band, values))
    return bars(rows)
