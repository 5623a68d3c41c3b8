"""The desk's pages, as their own tests have them."""

from tests.desk.web.conftest import (  # noqa: F401 - fixtures
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
