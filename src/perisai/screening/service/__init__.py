"""One screening service for a machine, and the port through which everybody asks it.

>>> screening = await connect(settings)            # doctest: +SKIP
>>> looked = await screening.screen(data, urgent=True)            # doctest: +SKIP

:func:`connect` gives the service of this machine if its socket answers, else a screener in this
process. Nothing here imports an inference engine unless this process is the one that screens.
"""

from __future__ import annotations

from perisai.screening.service.connecting import connect
from perisai.screening.service.port import Looked, Screening

__all__ = ["Looked", "Screening", "connect"]
