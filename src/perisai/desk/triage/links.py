"""What makes two links the same, and what makes them likely to be about the same thing."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit

FOLLOWERS = frozenset({"fbclid", "gclid", "igshid", "igsh", "mc_cid", "mc_eid"})
"""Parameters that say who passed a link on, and nothing of where it leads."""


def exact(link: str) -> str:
    """A digest that is the same for the same address; empty without one.

    Scheme, ``www.``, fragment, a slash at the end and parameters that only follow people do not
    count. Upper and lower case count in path and query: they name different things on many sites.
    """
    host, path, query = _parts(link)
    if not host:
        return ""
    return _digest(f"{host}{path}?{query}" if query else f"{host}{path}")


def place(link: str) -> str:
    """A digest of host and path alone: the same page, asked with whatever parameters."""
    host, path, _ = _parts(link)
    return _digest(f"{host}{path}") if host and path else ""


def _parts(link: str) -> tuple[str, str, str]:
    text = link.strip()
    if not text or any(each.isspace() for each in text):
        return "", "", ""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host = (parts.hostname or "").removeprefix("www.").rstrip(".")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return "", "", ""
    if "." not in host:
        return "", "", ""
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in FOLLOWERS and not name.startswith("utm_")
    ]
    return f"{host}{port}", parts.path.rstrip("/"), urlencode(sorted(kept))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
