"""The forms about accounts. Only these fields are read; nothing else that is sent counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from perisai.desk.people import domain
from perisai.desk.permissions import Role
from perisai.desk.web.forms.fields import Form, choices, line
from perisai.desk.web.trips import agencies
from perisai.desk.web.wording import say


class Move(Form):
    """Another role."""

    name = "move"
    role = forms.ChoiceField(choices=choices("role", [each.value for each in Role]))
    platform = line(required=False)


class Hire(Move):
    """A new account."""

    name = "hire"
    account = forms.RegexField(domain.NAME, max_length=domain.LONGEST_NAME)
    field_order = ("account", "role", "platform")


class Bind(Form):
    """Somebody at an agency who may sign in with an account."""

    name = "bind"
    agency = forms.ChoiceField(choices=agencies)
    subject = line(longest=255)


class Choose(Form):
    """A password of one's own."""

    name = "choose"
    password1 = forms.CharField(
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:  # noqa: ANN401
        self._user = user
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Both are the same, and good enough."""
        said = super().clean() or self.cleaned_data
        password = said.get("password1", "")
        if password and password != said.get("password2"):
            raise forms.ValidationError(say("people.not-the-same"))
        if password:
            validate_password(password, self._user)
        return said
