"""Runs GIPHY's Python client, as it is published, against a gateway and prints what it made of it.

Arguments: the gateway's address, an API key.
"""

from __future__ import annotations

import json
import sys

import giphy_client
from giphy_client.rest import ApiException


def main(base: str, key: str) -> None:
    api = giphy_client.DefaultApi(giphy_client.ApiClient(host=f"{base}/v1"))
    found = api.gifs_search_get(key, "cats", limit=2, offset=1, rating="g", lang="en", fmt="json")
    number = found.data[0].id
    told: dict[str, object] = {
        "search": [gif.id for gif in found.data],
        "pagination": found.pagination.to_dict(),
        "width": found.data[0].images.fixed_width.width,
        "trending": len(api.gifs_trending_get(key, limit=3).data),
        "translate": api.gifs_translate_get(key, "cats").data.id,
        "random": api.gifs_random_get(key, tag="cats").data.image_original_url,
        "one": api.gifs_gif_id_get(key, number).data.id,
        "several": [gif.id for gif in api.gifs_get(key, ids=number).data],
        "categories": [group.name for group in api.gifs_categories_get(key).data],
        "subcategories": len(api.gifs_categories_category_get(key, "cats").data),
        "category": len(api.gifs_categories_category_tag_get(key, "cats", "cats").data),
        "stickers": [
            len(api.stickers_search_get(key, "cats").data),
            len(api.stickers_trending_get(key).data),
        ],
        "sticker": [api.stickers_translate_get(key, "cats").data.type],
        "blocked": [
            api.gifs_search_get(key, "terlarang").data,
            api.gifs_translate_get(key, "terlarang").data.id,
            api.gifs_random_get(key, tag="terlarang").data.id,
        ],
    }
    try:
        api.gifs_gif_id_get("no-key", number)
    except ApiException as error:
        told["stranger"] = [error.status, json.loads(error.body)["meta"]["response_id"]]
    sys.stdout.write(json.dumps(told))


main(*sys.argv[1:])
