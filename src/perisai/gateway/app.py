"""The ASGI application: the upload check, and the GIF search where it is asked for."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from perisai import __version__
from perisai.gateway.uploads import BadUpload, read_upload
from perisai.screening import Screener
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from perisai.screening.service.local import Local
    from perisai.settings import Settings

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def create_app(
    settings: Settings, screener: Screener | None = None, local: Local | None = None
) -> Starlette:
    """Return the ASGI application of the upload check, and with ``local`` of the search, too.

    With neither, a :class:`Screener` of its own is made at start-up and closed at the end.
    ``local`` stays open: it belongs to whoever made it.
    """
    screener = local.screener if local else screener

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.screener = screener or stack.enter_context(Screener(settings))
            if local is not None:
                from perisai.gateway.assembly import open_gateway  # noqa: PLC0415 - pulls in Django

                gateway = await stack.enter_async_context(open_gateway(settings, local))
                app.state.gateway = gateway
                app.router.routes.extend(gateway.routes)
            yield

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/v1/screen", screen, methods=["POST"]),
            Route("/health/live", live),
        ],
        exception_handlers={BadUpload: _bad_upload, HTTPException: _http_error, Exception: _broken},
        lifespan=lifespan,
    )
    app.state.settings = settings
    return app


async def index(_request: Request) -> Response:
    """Say what this is and how to use it."""
    return _json(
        {
            "perisai": __version__,
            "screen": "POST /v1/screen?age_band=3-5 with the file as the body, or as the form's "
            "field 'file'",
            "age_bands": [band.value for band in AgeBand],
        }
    )


async def live(_request: Request) -> Response:
    """Say that the process answers."""
    return _json({"status": "live"})


async def screen(request: Request) -> Response:
    """Screen one upload.

    The answer is the JSON form of a result, plus ``age_band`` and its ``verdict`` and ``allowed``.
    A file that cannot be screened is an answer, too (status 200, ``unscreenable``): only a request
    that is wrong in itself gets an error status.
    """
    settings: Settings = request.app.state.settings
    band = _band(request.query_params.get("age_band"), settings.screening.age_band)
    upload = await read_upload(request, settings.gateway.max_upload_bytes)
    screener: Screener = request.app.state.screener
    result = await screener.screen_async(upload.data, name=upload.name)
    decision = result.decision(band)
    return _json(
        {
            "age_band": band.value,
            "verdict": decision.value,
            "allowed": decision is Decision.ALLOW,
        }
        | result.to_json()
    )


def _band(text: str | None, default: AgeBand) -> AgeBand:
    if text is None:
        return default
    try:
        return AgeBand(text)
    except ValueError:
        bands = ", ".join(AgeBand)
        raise BadUpload(400, "bad_age_band", f"age_band must be one of {bands}.") from None


def _json(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status, headers=HEADERS)


def _error(status: int, code: str, message: str) -> Response:
    return _json({"error": {"code": code, "message": message}}, status)


async def _bad_upload(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BadUpload)  # noqa: S101 - Starlette's handler type is wider
    return _error(error.status, error.code, error.message)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's handler type is wider
    response = _error(error.status_code, "http_error", f"{error.detail}.")
    response.headers.update(error.headers or {})
    return response


async def _broken(_request: Request, _failure: Exception) -> Response:
    return _error(500, "internal", "Something went wrong here; the file counts as not screened.")
