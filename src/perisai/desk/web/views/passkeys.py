"""Passkeys: added, named, removed, signed in and confirmed with. Allauth's views, our pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.webauthn import views as webauthn
from django.shortcuts import redirect

from perisai.desk.web.views.accounts import LONE, _lone

if TYPE_CHECKING:
    from django.http import HttpResponse


class SignInByPasskey(webauthn.LoginWebAuthnView):  # type: ignore[misc]  # has no types
    """Signs in with a passkey alone: it asks for finger, face or PIN by itself."""

    template_name = "desk/sign_in.html"


class ConfirmByPasskey(webauthn.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """A passkey, before something of weight."""

    template_name, extra_context = "desk/passkey_confirm.html", _lone("account.confirm")

    def form_invalid(self, form: object) -> HttpResponse:  # noqa: ARG002
        """Ask once more: who has signed in already is not sent to signing in."""
        return redirect(self.request.get_full_path())


class Passkeys(webauthn.ListWebAuthnView):  # type: ignore[misc]
    """One's own."""

    template_name = "desk/passkeys.html"


class AddPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]
    """Another one."""

    template_name = "desk/passkey_add.html"


class RenamePasskey(webauthn.EditWebAuthnView):  # type: ignore[misc]
    """Its name, by which one knows it again."""

    template_name, extra_context = LONE, _lone("passkey.rename")


class RemovePasskey(webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    """And taken away."""

    template_name, extra_context = LONE, _lone("passkey.remove")
