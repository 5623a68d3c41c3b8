"""Make the upstreams that the settings name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.gateway.upstreams.port import Upstream
    from perisai.settings import Settings

TERMS = (
    "is missing, and {provider}'s terms forbid proxying without written approval; name the "
    "approval (date, person, reference), or remove this upstream (docs/upstreams.md)"
)


def build_upstreams(
    settings: Settings,
    store: Any,  # noqa: ANN401 - handed on to the catalogue
    objects: Any,  # noqa: ANN401
    env: Mapping[str, str] = os.environ,  # noqa: ARG001
) -> dict[str, Upstream]:
    """The upstreams by name, in the order in which they are asked.

    Raises :class:`perisai.errors.SettingsError` for one that may not or cannot be used.
    """
    built: dict[str, Upstream] = {}
    for name, section in settings.gateway.upstreams.items():
        if section.type == "catalogue":
            from perisai.gateway.upstreams.catalogue import Catalogue  # noqa: PLC0415

            built[name] = Catalogue(name, section, store, objects)
        else:
            raise settings.problem(("gateway", "upstreams", name), "is not available yet")
    return built
