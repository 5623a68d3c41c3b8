"""From a search to a page that shows nothing unscreened."""

from perisai.gateway.search.searcher import Searcher

__all__ = ["Searcher"]
