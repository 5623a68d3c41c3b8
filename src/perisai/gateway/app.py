"""The ASGI application: the GIF search, the upload check, and what the operator needs of both."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from perisai import __version__
from perisai.errors import PerisaiError, ServiceBusy
from perisai.gateway.assembly import open_gateway
from perisai.gateway.operation import Metrics, Timed, log
from perisai.screening.service import connect
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from perisai.screening.service.port import Screening
    from perisai.settings import Settings

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def create_app(settings: Settings, screening: Screening | None = None) -> Starlette:
    """Return the ASGI application; what it stands on is opened at start-up and closed at the end.

    ``screening`` stays open: it belongs to whoever made it. Without one, the screening service of
    this machine is asked, or files are looked at in this process if none runs. Start-up raises
    SettingsError, StorageError, PolicyError, ListError or ModelError with what to do.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        asked = screening or await connect(settings)
        try:
            async with open_gateway(settings, asked, metrics) as gateway:
                app.state.gateway = gateway
                app.router.routes.extend(gateway.routes)
                yield
        finally:
            if screening is None:
                await asked.close()

    app = Starlette(
        routes=[Route("/", index)],
        middleware=[Middleware(Timed, metrics=metrics)],
        exception_handlers={
            HTTPException: _http_error,
            PerisaiError: _unavailable,
            Exception: _broken,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a path is answered, or there is none
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


def _json(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status, headers=HEADERS)


def _error(status: int, code: str, message: str) -> Response:
    return _json({"error": {"code": code, "message": message}}, status)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's handler type is wider
    response = _error(error.status_code, "http_error", f"{error.detail}.")
    response.headers.update(error.headers or {})
    return response


async def _unavailable(_request: Request, error: Exception) -> Response:
    """Say that a part is not there just now; which one stands in the log."""
    assert isinstance(error, PerisaiError)  # noqa: S101 - Starlette's handler type is wider
    log("unavailable", "warning", code=error.code, error=error)
    response = _error(503, "unavailable", "This cannot be answered just now; try again.")
    wait = error.retry_after if isinstance(error, ServiceBusy) else 1.0
    response.headers["Retry-After"] = f"{max(1, round(wait))}"
    return response


async def _broken(_request: Request, failure: Exception) -> Response:
    log("broken", "error", error=failure)
    return _error(500, "internal", "Something went wrong here; the file counts as not screened.")
