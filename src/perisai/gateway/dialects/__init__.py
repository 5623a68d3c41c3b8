"""The wire shapes that GIF pickers already speak; docs/dialects.md describes each.

A dialect is one file of requests and one of answers. It knows HTTP and its provider's words, and
asks a searcher in the gateway's own; nothing that was not screened reaches it.
"""

from __future__ import annotations

from perisai.gateway.dialects.giphy import Giphy
from perisai.gateway.dialects.port import Dialect
from perisai.gateway.dialects.tenor import Tenor

__all__ = ["Dialect", "Giphy", "Tenor"]
