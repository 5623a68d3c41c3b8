"""The desk's pages, as their own tests have them."""

from tests.desk.web.fixtures import *  # noqa: F403
