"""An agency that says who its people are: a small OpenID provider here that really signs.

It checks its client as strictly as a good one does (PKCE, one redirect address, codes that work
once), and can be told to lie in each way that a client has to notice.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

CLIENT, SECRET = "meja perisai", "rahasia&bersama"
KID = "kunci-1"


def rsa() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": KID, "use": "sig", "alg": "RS256"})


def ec() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": KID, "use": "sig", "alg": "ES256"})


@dataclass
class Agency:
    """What the provider knows, and how it lies: change it while it runs."""

    issuer: str = ""
    key: RSAKey | ECKey = field(default_factory=rsa)
    signs_with: RSAKey | ECKey | None = None
    """Another key than the one that it publishes."""
    publishes: dict[str, str] = field(default_factory=dict)
    """A key in the place of its own."""
    amr: list[str] = field(default_factory=list)
    lies: dict[str, Any] = field(default_factory=dict)
    """Claims that stand in the place of true ones; None takes one away."""
    mint: Callable[[dict[str, Any]], str] | None = None
    """Makes the token in the place of our signing."""
    told: dict[str, Any] = field(default_factory=dict)
    """What it says of itself in the place of the truth."""
    down: bool = False
    forgets_nothing: bool = False
    """Codes work more than once."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """What it was asked for, in the addresses that people came with."""
    _codes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def approve(self, asked: dict[str, str], who: str) -> str:
        """Sign somebody in; return the address that they are sent back to."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = {**asked, "sub": who, "auth_time": int(time.time())}
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, known: dict[str, Any]) -> str:
        """The ID token, true or not."""
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": known["client_id"], "sub": known["sub"], "iat": now,
            "exp": now + 300, "nonce": known["nonce"], "auth_time": known["auth_time"],
            "amr": self.amr,
        }  # fmt: skip
        said = {name: value for name, value in (said | self.lies).items() if value is not None}
        if self.mint:
            return self.mint(said)
        return signed(said, self.signs_with or self.key)

    async def discovery(self, request: Request) -> Response:
        if self.down:
            return Response(status_code=503)
        said = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
        return JSONResponse(said | self.told)

    async def keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.publishes or self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        self.asked.append(asked)
        if request.method == "POST":
            form = await request.form()
            return RedirectResponse(self.approve(asked, str(form["who"])), 303)
        return HTMLResponse(
            '<!doctype html><html lang="id"><title>Masuk</title><h1>Kementerian (contoh)</h1>'
            '<form method="post"><label>Nama <input name="who"></label>'
            "<button>Masuk</button></form>"
        )

    async def redeem(self, request: Request) -> Response:
        form = await request.form()
        both = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        known = self._codes.get(str(form.get("code")))
        if both != "meja+perisai:rahasia%26bersama":
            return JSONResponse({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            known is None
            or known["code_challenge"] != challenge
            or known["redirect_uri"] != form.get("redirect_uri")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if not self.forgets_nothing:
            del self._codes[str(form["code"])]
        return JSONResponse(
            {"access_token": "x", "token_type": "Bearer", "id_token": self.token(known)}
        )


def signed(said: dict[str, Any], key: RSAKey | ECKey, **head: str) -> str:
    """A token that is signed with a key."""
    import json

    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    head = {"alg": algorithm, "kid": KID, **head}
    return jws.serialize_compact(head, json.dumps(said), key, algorithms=[head["alg"]])


@contextmanager
def agency() -> Iterator[Agency]:
    """Run one; it listens on 127.0.0.1."""
    made = Agency()
    app = Starlette(routes=[
        Route("/.well-known/openid-configuration", made.discovery),
        Route("/keys", made.keys),
        Route("/authorize", made.authorize, methods=["GET", "POST"]),
        Route("/token", made.redeem, methods=["POST"]),
    ])  # fmt: skip
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    made.issuer = f"http://127.0.0.1:{port}"
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(timeout=10)
