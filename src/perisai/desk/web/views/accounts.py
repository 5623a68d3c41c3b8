"""Signing in and out, passwords and second factors: allauth's views, on our own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.shortcuts import redirect

from perisai.desk.people import services
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.trips import agencies, label
from perisai.desk.web.wording import words

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from perisai.desk.web.access import Request

LONE = "desk/lone.html"


def _lone(name: str) -> dict[str, str]:
    """What a page with one form says: its title, a text if there is one, and its button."""
    known = {"title": name, "text": f"{name}-text", "button": f"{name}-button"}
    return {part: word for part, word in known.items() if word in words()}


class SignIn(account.LoginView):  # type: ignore[misc]  # has no types
    """Name and password."""

    template_name, extra_context = "desk/sign_in.html", _lone("account.sign-in")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """With the agencies at which one may sign in instead."""
        known: dict[str, object] = super().get_context_data(**kwargs)
        return {**known, "agencies": agencies()}


class SignOut(account.LogoutView):  # type: ignore[misc]
    """Ends the session."""

    template_name, extra_context = LONE, _lone("nav.sign-out")


class Password(account.PasswordChangeView):  # type: ignore[misc]
    """A new password."""

    template_name, extra_context = LONE, _lone("account.password")
    success_url = "/account?done=password"

    def dispatch(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        """Who has none chooses none here: an administrator's link is for that."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("mfa_index")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class Confirm(account.ReauthenticateView):  # type: ignore[misc]
    """The password once more, before something of weight."""

    template_name, extra_context = LONE, _lone("account.confirm")


class Code(mfa.AuthenticateView):  # type: ignore[misc]
    """The second step of signing in."""

    template_name, extra_context = "desk/code.html", _lone("account.code")


class ConfirmByCode(mfa.ReauthenticateView):  # type: ignore[misc]
    """A code, before something of weight."""

    template_name, extra_context = LONE, _lone("account.confirm")


class Factors(mfa.IndexView):  # type: ignore[misc]
    """The account: password and second factor."""

    template_name = "desk/account.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """With the agencies at which one may sign in."""
        known: dict[str, object] = super().get_context_data(**kwargs)
        mine = services.bound(desk().house, self.request.user.get_username())
        return {**known, "agencies": [label(name) for name in mine]}


class AddFactor(totp.ActivateTOTPView):  # type: ignore[misc]
    """An authenticator app is paired."""

    template_name = "desk/factor_add.html"


class RemoveFactor(totp.DeactivateTOTPView):  # type: ignore[misc]
    """And taken away again."""

    template_name, extra_context = LONE, _lone("account.factor-remove")


class Codes(codes.ViewRecoveryCodesView):  # type: ignore[misc]
    """Codes for the day on which the phone is gone."""

    template_name = "desk/codes.html"


class NewCodes(codes.GenerateRecoveryCodesView):  # type: ignore[misc]
    """New ones; the old ones end."""

    template_name, extra_context = LONE, _lone("account.codes-new")


def closed(request: Request) -> HttpResponse:
    """The account was closed."""
    return page(request, "closed")
