"""Passkeys that are shown: a wrong one counts towards the lock-out as a wrong password does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator


class _Counted(webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]  # has no types
    """Whoever has too many wrong ones waits, whichever way they then try."""

    def clean_credential(self) -> Authenticator:
        """Return the passkey that it was. Raises ValidationError."""
        adapter = get_adapter()
        adapter.pre_authenticate(context.request, username=self._said_to_be())
        known = super().clean_credential()
        adapter.not_failed()
        return known

    def _said_to_be(self) -> str:
        """The name of the account that it is said to be; empty where there is none."""
        if self.user is not None:
            return str(self.user.get_username())
        said: Any = self.cleaned_data["credential"]
        try:
            auth.parse_authentication_response(said)
            return str(auth.extract_user_from_response(said).get_username())
        except ValidationError:
            return ""


class Alone(_Counted, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey without a password."""


class Second(_Counted):
    """A passkey after the password."""


class Confirm(_Counted, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey, before something of weight."""
