"""Accounts: who may sign in, and as whom they then act. Signing up is not possible."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse

from perisai.desk.actors import PUBLIC, Actor
from perisai.desk.people import services
from perisai.desk.permissions import Role
from perisai.desk.web.running import desk
from perisai.errors import StorageError

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from perisai.desk.people.models import Member

NETWORK_V4, NETWORK_V6 = 24, 48
"""Bits of an address that say which network it is of."""


class Members(AuthenticationBackend):  # type: ignore[misc]  # has no types
    """Loads an account together with its role: one query."""

    def get_user(self, user_id: Any) -> User | None:  # noqa: ANN401 - as the base class has it
        """Return the account, or None if it is gone or closed."""
        return User.objects.select_related("member").filter(pk=user_id, is_active=True).first()


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # has no types
    """What differs here from the usual: nobody signs up, and no address is kept."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Accounts are made by administrators."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401
        """Refuse after too many failures, and write that down. Raises ValidationError."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            from perisai.desk.web.signing import locked  # noqa: PLC0415 - it needs this module

            locked(str(credentials.get("username", "")))
            raise

    def not_failed(self) -> None:
        """Take back what :meth:`pre_authenticate` counted: it was who they said they are."""
        self._rollback_login_failed_rl_usage()

    def may_try(self, request: HttpRequest, name: str) -> bool:
        """Whether neither this account nor this network is locked; a lock is written down."""
        usage = self._failures(request, name)
        if usage:
            usage.rollback()
            return True
        from perisai.desk.web.signing import locked  # noqa: PLC0415 - it needs this module

        locked(name)
        return False

    def _failures(self, request: HttpRequest, name: str) -> Any:  # noqa: ANN401 - allauth's
        key = self._get_login_attempts_cache_key(request, username=name)
        return ratelimit.consume(
            request, app="allauth.account", action="login_failed", key=key, limit_get=True
        )

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:  # noqa: ANN401
        """Whether this asks to confirm who one is. Raises ReauthenticationRequired.

        Allauth counts an account with neither password nor factor as freshly confirmed, always.
        Here it never is, unless an agency has just said so.
        """
        user = self.request.user
        if not confirmed(self.request) and not get_reauthentication_flows(user):
            raise ReauthenticationRequired
        return bool(super().is_reauthentication_required(app=app, **more))

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """The ways in which an account may confirm who it is; never none at all."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated:
            return ways
        # Also where there is no way at all: that page says what to do.
        if not ways or services.bound(desk().house, user.get_username()):
            ways.append({"id": "agency", "description": "agency", "url": reverse("confirm-agency")})
        return ways

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return a digest of the network that asks: enough to count its failures."""
        return network_digest(str(request.META.get("REMOTE_ADDR", "")))


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # has no types
    """Keeps the secrets of authenticator apps encrypted."""

    def encrypt(self, text: str) -> str:
        """Encrypt with the desk's own secret."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The reverse. Raises StorageError if the desk's secret is another one now."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise StorageError(
                "the second factor of this account was made under another desk.key; "
                "run: perisai people reset NAME"
            ) from error


def network_digest(address: str) -> str:
    """Return 16 hexadecimal digits that stand for the network of an address, under a secret."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        bits = NETWORK_V4 if known.version == 4 else NETWORK_V6
        network = str(ipaddress.ip_network(f"{known}/{bits}", strict=False))
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"network " + network.encode(), hashlib.sha256).hexdigest()[:16]


def confirmed(request: HttpRequest) -> bool:
    """Whether who is signed in has confirmed within the last minutes that it is them."""
    known = [
        each
        for each in get_authentication_records(request, request.user)
        if each.get("reauthenticated")
    ]
    age = time.time() - known[-1]["at"] if known else None
    return age is not None and age < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def strongly(request: HttpRequest) -> bool:
    """Whether this session began at an agency that asked for a second factor."""
    known = get_authentication_records(request, request.user)
    return any(each.get("method") == "agency" and each.get("strong") for each in known)


def vouched(request: HttpRequest) -> bool:
    """Whether each agency that has said who this is, is still one of ours, with this issuer."""
    known = desk().settings.agencies
    said = [
        (each.get("agency"), each.get("issuer"))
        for each in get_authentication_records(request, request.user)
        if each.get("method") == "agency"
    ]
    return all(name in known and known[name].issuer == issuer for name, issuer in said)


def actor_of(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Return who acts when this account does; without a role, nobody."""
    if not user.is_authenticated:
        return PUBLIC
    member: Member | None = getattr(user, "member", None)  # raises a kind of AttributeError
    if member is None or member.role not in set(Role):
        return PUBLIC
    return Actor(user.get_username(), Role(member.role), member.platform)


def _box() -> Fernet:
    key = hashlib.sha256(b"second factors " + settings.SECRET_KEY.encode()).digest()
    return Fernet(urlsafe_b64encode(key))
