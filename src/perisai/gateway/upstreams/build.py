"""Make the upstreams that the settings name."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from perisai.errors import FetchRefused
from perisai.gateway.fetching import Places, read_url
from perisai.gateway.items import OURS
from perisai.gateway.upstreams.giphy import GiphyUpstream
from perisai.gateway.upstreams.openverse import OpenverseUpstream
from perisai.gateway.upstreams.tenor import TenorUpstream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.gateway.fetching import Resolver
    from perisai.gateway.upstreams.port import Upstream
    from perisai.settings import Settings
    from perisai.settings.gateway import RemoteUpstream

REMOTE: dict[str, type[TenorUpstream | GiphyUpstream | OpenverseUpstream]] = {
    "tenor": TenorUpstream,
    "giphy": GiphyUpstream,
    "openverse": OpenverseUpstream,
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
NO_APPROVAL = (
    "is missing: the providers' terms forbid proxying without their written approval. Name it "
    "(date, person, reference), or remove this upstream; see docs/upstreams.md"
)


def build_upstreams(
    settings: Settings,
    store: Any,  # noqa: ANN401 - handed on to the catalogue
    objects: Any,  # noqa: ANN401
    env: Mapping[str, str] = os.environ,
    resolver: Resolver | None = None,
) -> dict[str, Upstream]:
    """The upstreams by name, in the order in which they are asked.

    Nothing is connected to yet. ``env`` holds the variables that ``key_env`` names.
    Raises :class:`perisai.errors.SettingsError` for one that may not or cannot be used.
    """
    built: dict[str, Upstream] = {}
    for name, section in settings.gateway.upstreams.items():
        _check_name(settings, name)
        if section.type == "catalogue":
            from perisai.gateway.upstreams.catalogue import Catalogue  # noqa: PLC0415

            built[name] = Catalogue(name, section, store, objects)
        else:
            _check(settings, name, section)
            key = _key(settings, name, section, env)
            built[name] = REMOTE[section.type](name, section, key, resolver)
    return built


def _check_name(settings: Settings, name: str) -> None:
    """Raise SettingsError for a name that items and cursors could not carry, or that is ours."""
    place = ("gateway", "upstreams", name)
    if name == OURS:
        raise settings.problem(
            place, f"cannot be called {OURS}: help cards have that name; choose another"
        )
    if not _NAME.fullmatch(name):
        raise settings.problem(
            place, "must have a name of at most 40 small letters, digits, - and _, as in my-gifs"
        )


def _check(settings: Settings, name: str, section: RemoteUpstream) -> None:
    """Raise SettingsError unless this upstream may be used at all."""
    place = ("gateway", "upstreams", name)
    if not section.private and not getattr(section, "approval", "none is needed").strip():
        raise settings.problem((*place, "approval"), NO_APPROVAL)
    try:
        base = read_url(section.base, private=section.private)
    except FetchRefused as error:
        raise settings.problem((*place, "base"), f"cannot be used. {error}") from None
    if base.scheme != "https" and not section.private:
        raise settings.problem((*place, "base"), "must begin with https:// (the key travels in it)")
    if getattr(section, "client_id", "") and not (section.key or section.key_env):
        raise settings.problem((*place, "client_id"), "needs its secret beside it, as key_env")
    if "?" in base.target:
        raise settings.problem((*place, "base"), "must end before the question mark")
    for host in section.media_hosts:
        try:
            Places.of((host,))
        except FetchRefused as error:
            raise settings.problem((*place, "media_hosts"), f"{host!r}: {error}") from None


def _key(settings: Settings, name: str, section: RemoteUpstream, env: Mapping[str, str]) -> str:
    if section.key_env is None:
        return section.key
    place = ("gateway", "upstreams", name, "key_env")
    if section.key:
        raise settings.problem(place, "stands beside key; keep one of the two")
    if not env.get(section.key_env):
        raise settings.problem(place, f"names {section.key_env}, which is not set; set it")
    return env[section.key_env]
