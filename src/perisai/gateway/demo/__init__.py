"""``/demo``: a chat with a GIF picker, and beside it what the operator sees. For trying things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.gateway.demo.pages import Demo
from perisai.gateway.search.explaining import Explainer
from perisai.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.routing import BaseRoute

    from perisai.gateway.clients import Clients
    from perisai.gateway.search.curation import Curation
    from perisai.gateway.search.selection import Selection
    from perisai.gateway.search.words import Words
    from perisai.gateway.upstreams.port import Upstream
    from perisai.settings import Settings


def demo_routes(
    settings: Settings,
    upstreams: Mapping[str, Upstream],
    words: Words,
    curation: Curation,
    selection: Selection,
    clients: Clients,
) -> Sequence[BaseRoute]:
    """Return the demo's routes; none unless the settings ask for it. Raises PolicyError."""
    chosen = settings.gateway
    if chosen.demo == "off":
        return ()
    policy = Policy.load(settings.screening.policy)
    explainer = Explainer(
        upstreams, words, curation, selection, policy, deadline_ms=chosen.deadline_ms
    )
    return Demo(explainer, clients, everyone=chosen.demo == "everyone").routes()
