"""The same desk as for the tests of its pages."""

from tests.desk.web.conftest import (
    chosen,
    commissioner,
    desk,
    house,
    intake,
    looking,
    officer,
    reviewer,
    staff,
)

__all__ = [
    "chosen", "commissioner", "desk", "house", "intake", "looking", "officer", "reviewer", "staff",
]  # fmt: skip
