"""The desk's pages, without a server."""

from tests.desk.web.fixtures import *  # noqa: F403
