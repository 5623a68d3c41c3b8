"""Signing in and out, passwords and second factors: allauth's views, on our own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp

from perisai.desk.web.rendering import page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request


class SignIn(account.LoginView):  # type: ignore[misc]  # has no types
    """Name and password."""

    template_name = "desk/sign_in.html"


class SignOut(account.LogoutView):  # type: ignore[misc]
    """Ends the session."""

    template_name = "desk/sign_out.html"


class Password(account.PasswordChangeView):  # type: ignore[misc]
    """A new password."""

    template_name = "desk/password.html"
    success_url = "/account?done=password"


class Confirm(account.ReauthenticateView):  # type: ignore[misc]
    """The password once more, before something of weight."""

    template_name = "desk/confirm.html"


class Code(mfa.AuthenticateView):  # type: ignore[misc]
    """The second step of signing in."""

    template_name = "desk/code.html"


class ConfirmByCode(mfa.ReauthenticateView):  # type: ignore[misc]
    """A code, before something of weight."""

    template_name = "desk/confirm.html"


class Factors(mfa.IndexView):  # type: ignore[misc]
    """The account: password and second factor."""

    template_name = "desk/account.html"


class AddFactor(totp.ActivateTOTPView):  # type: ignore[misc]
    """An authenticator app is paired."""

    template_name = "desk/factor_add.html"


class RemoveFactor(totp.DeactivateTOTPView):  # type: ignore[misc]
    """And taken away again."""

    template_name = "desk/factor_remove.html"


class Codes(codes.ViewRecoveryCodesView):  # type: ignore[misc]
    """Codes for the day on which the phone is gone."""

    template_name = "desk/codes.html"


class NewCodes(codes.GenerateRecoveryCodesView):  # type: ignore[misc]
    """New ones; the old ones end."""

    template_name = "desk/codes_new.html"


def closed(request: Request) -> HttpResponse:
    """The account was closed."""
    return page(request, "closed", 403)
