"""The OpenAPI document of ``/api/v1``, made from what is really read."""

from __future__ import annotations

from functools import cache
from typing import Any

from perisai.desk.intake.notices import Notice
from perisai.desk.intake.signing import COVERED, TAG

PROBLEM = {"description": "A problem (RFC 9457), which says what to do next."}
REF = "#/components/schemas/{model}"


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    schema = Notice.model_json_schema(ref_template=REF)
    schemas = {"Notice": schema, **schema.pop("$defs", {})}
    wrong = {str(code): PROBLEM for code in (400, 401, 409, 413, 415, 422, 429, 503)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Perisai: notices", "version": "1"},
        "components": {"schemas": schemas},
        "paths": {
            "/api/v1/notices": {
                "post": {
                    "summary": "Send a notice",
                    "description": f"Signed by RFC 9421 with hmac-sha256, tag {TAG!r}, covering "
                    f"{', '.join(COVERED)}. The same request again gets the same answer.",
                    "parameters": [
                        _header("Idempotency-Key"),
                        _header("Content-Digest"),
                        _header("Signature-Input"),
                        _header("Signature"),
                    ],
                    "requestBody": {
                        "required": True,
                        "content": _json({"$ref": "#/components/schemas/Notice"}),
                    },
                    "responses": {
                        "202": {
                            "description": "It was taken in.",
                            "content": _json(_object("id", "receipt")),
                        },
                        **wrong,
                    },
                },
                "get": {
                    "summary": "How a notice stands, and its messages",
                    "parameters": [_header("X-Receipt")],
                    "responses": {
                        "200": {"description": "It is here.", "content": _json(_stands())},
                        **{str(code): PROBLEM for code in (400, 404, 429, 503)},
                    },
                },
            }
        },
    }


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _object(*names: str) -> dict[str, Any]:
    properties: dict[str, Any] = {name: {"type": "string"} for name in names}
    return {"type": "object", "required": list(names), "properties": properties}


def _stands() -> dict[str, Any]:
    made = _object("stands", "received")
    made["properties"]["messages"] = {"type": "array", "items": _object("from", "at")}
    return made
