"""GIPHY's words for an item, a page and an error.

The shape is that of developers.giphy.com/docs/api/schema and of the types that GIPHY's own clients
are written in. ``id`` and every address are the gateway's own; ``url`` and ``bitly_url`` lead to
the page where an item is reported. There is no user, no analytics, no advertisement and no embed.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from perisai.gateway.dialects.renditions import PICTURES, nearest
from perisai.gateway.items import Size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.gateway.dialects.ratings import Rating
    from perisai.gateway.dialects.renditions import Addresses
    from perisai.gateway.items import Served, ServedItem, ServedPage

FULL = {
    "original": Size.ORIGINAL,
    "fixed_height": Size.TINY,
    "fixed_height_downsampled": Size.TINY,
    "fixed_height_small": Size.NANO,
    "fixed_width": Size.TINY,
    "fixed_width_downsampled": Size.TINY,
    "fixed_width_small": Size.NANO,
}
"""Renditions with a picture, and a WebP and a video where those were screened."""
PLAIN = {
    "downsized": Size.MEDIUM,
    "downsized_large": Size.ORIGINAL,
    "downsized_medium": Size.MEDIUM,
    "preview_gif": Size.NANO,
    "original_still": Size.ORIGINAL,
    "downsized_still": Size.MEDIUM,
    "fixed_height_still": Size.TINY,
    "fixed_height_small_still": Size.NANO,
    "fixed_width_still": Size.TINY,
    "fixed_width_small_still": Size.NANO,
    "480w_still": Size.MEDIUM,
}
"""Renditions with a picture alone. A still shows the screened file itself, which may move."""
VIDEOS = {
    "original_mp4": Size.ORIGINAL,
    "looping": Size.ORIGINAL,
    "hd": Size.ORIGINAL,
    "preview": Size.NANO,
}
"""Renditions that are a video alone, left out where none was screened."""
_SENT = ("original", "downsized", "looping", "hd")
"""What a picker sends to others begins with one of these; all else it shows itself."""
_NEVER = "0000-00-00 00:00:00"


def images(item: ServedItem, addresses: Addresses) -> dict[str, dict[str, str]] | None:
    """Return every rendition that clients read; None if there is no picture to show."""
    pictures = {scale: nearest(item, scale, PICTURES) for scale in Size}
    if not all(pictures.values()):
        return None
    extras = {
        kind: {scale: nearest(item, scale, (kind,)) for scale in Size} for kind in ("mp4", "webp")
    }
    made: dict[str, dict[str, str]] = {}
    for name, scale in (FULL | PLAIN).items():
        preview = not name.startswith(_SENT)
        made[name] = _picture(pictures[scale], addresses, preview)
        if name in FULL:
            for kind, files in extras.items():
                made[name] |= _extra(files[scale], kind, addresses, preview)
    made["downsized_small"] = {
        **_picture(pictures[Size.TINY], addresses, preview=False),
        **_extra(extras["mp4"][Size.TINY], "mp4", addresses, preview=False),
    }
    if webp := extras["webp"][Size.NANO]:
        made["preview_webp"] = _sized(webp) | {
            "url": addresses.of(webp, preview=True),
            "size": str(webp.size),
        }
    for name, scale in VIDEOS.items():
        if video := extras["mp4"][scale]:
            preview = not name.startswith(_SENT)
            made[name] = _sized(video) | _extra(video, "mp4", addresses, preview)
    return made


def gif(item: ServedItem, addresses: Addresses, rating: Rating) -> dict[str, object] | None:
    """Return one item, or None if it has no picture to show and so must be left out.

    ``rating`` is the least careful one that this client may see; the item's own is not known.
    """
    renditions = images(item, addresses)
    if renditions is None:
        return None
    told = item.item
    sticker = told.kind == "sticker"
    created = told.created.strftime("%Y-%m-%d %H:%M:%S") if told.created else _NEVER
    body: dict[str, object] = {
        "type": told.kind,
        "id": item.number,
        "url": addresses.report(item),
        "slug": item.number,
        "bitly_gif_url": addresses.report(item),
        "bitly_url": addresses.report(item),
        "username": "",
        "source": "",
        "title": told.title,
        "rating": rating.text,
        "content_url": "",
        "source_tld": "",
        "source_post_url": "",
        "is_sticker": int(sticker),
        "import_datetime": created,
        "trending_datetime": _NEVER,
        "tags": list(told.tags),
        "alt_text": told.title,
        "images": renditions,
    }
    if told.attribution or told.licence:
        body |= {"attribution": told.attribution, "licence": told.licence}
    return body


def flat(item: ServedItem, addresses: Addresses) -> dict[str, str]:
    """Return the fields that older clients read from ``random``, beside ``images``."""
    made: dict[str, str] = {"image_frames": "", "image_mp4_url": ""}
    picture = nearest(item, Size.ORIGINAL, PICTURES)
    if picture:
        url = addresses.of(picture, preview=False)
        made |= {"image_original_url": url, "image_url": url}
        made |= {f"image_{side}": value for side, value in _sized(picture).items()}
    if video := nearest(item, Size.ORIGINAL, ("mp4",)):
        made["image_mp4_url"] = addresses.of(video, preview=False)
    for name in ("height_downsampled", "width_downsampled", "height_small", "width_small"):
        file = nearest(item, FULL[f"fixed_{name}"], PICTURES)
        if file:
            made[f"fixed_{name}_url"] = addresses.of(file, preview=True)
            made |= {f"fixed_{name}_{side}": value for side, value in _sized(file).items()}
            if name.endswith("small"):
                made[f"fixed_{name}_still_url"] = addresses.of(file, preview=True)
    return made


def _sized(file: Served) -> dict[str, str]:
    return {"height": str(file.height), "width": str(file.width)}


def _picture(file: Served | None, addresses: Addresses, preview: bool) -> dict[str, str]:
    return (
        _sized(file) | {"size": str(file.size), "url": addresses.of(file, preview=preview)}
        if file
        else {}
    )


def _extra(file: Served | None, kind: str, addresses: Addresses, preview: bool) -> dict[str, str]:
    return (
        {f"{kind}_size": str(file.size), kind: addresses.of(file, preview=preview)} if file else {}
    )


def trimmed(body: dict[str, object], fields: str | None) -> dict[str, object]:
    """Return only what ``fields`` names, in dotted paths with commas between."""
    paths = [path.strip().split(".") for path in (fields or "").split(",") if path.strip()]
    return _only(body, paths) if paths else body


def _only(body: dict[str, object], paths: Iterable[list[str]]) -> dict[str, object]:
    below: dict[str, list[list[str]]] = {}
    for first, *rest in paths:
        below.setdefault(first, []).append(rest)
    made: dict[str, object] = {}
    for name, rests in below.items():
        if name in body:
            inner = body[name]
            if isinstance(inner, dict) and all(rests):
                inner = _only(inner, rests)
            made[name] = inner
    return made


def meta(status: int = 200, message: str = "OK") -> dict[str, object]:
    """Return ``meta``. Clients take an empty ``response_id`` for an error, so only errors have it.

    It is drawn by lot and stands for nothing.
    """
    answered = secrets.token_hex(20) if status == HTTPStatus.OK else ""
    return {"status": status, "msg": message, "response_id": answered}


def pagination(page: ServedPage, offset: int) -> dict[str, object]:
    """Return where the page stands. Clients ask for ``offset + count`` next, and end at the total.

    So ``count`` is what the page stands for, withheld items included, and the total is never
    reached while more may come. A page that stands for nothing is the last one: the next would be
    the same again.
    """
    if not page.next or not page.taken:
        count = max(page.taken, len(page.items))
        return {"total_count": offset + count, "count": count, "offset": offset}
    following = offset + page.taken
    return {
        "total_count": max(page.total or 0, following + page.taken),
        "count": page.taken,
        "offset": offset,
        "hasMoreGifs": True,
    }


def error(status: int, message: str) -> dict[str, object]:
    """Return GIPHY's body of an error."""
    return {"data": [], "meta": meta(status, message)}
