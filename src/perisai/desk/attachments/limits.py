"""How many documents come with answers. Nothing else is here, so that settings may read it."""

from perisai.errors import NotYet

MOST = 5
"""Documents with all answers to one letter, or to one request."""


def enough(known: int, new: int) -> None:
    """Raise NotYet if there would be more than are taken."""
    if new and known + new > MOST:
        raise NotYet(f"At most {MOST} documents come with the answers; send the most important.")
