"""The forms about who works on a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from perisai.desk.web.forms.fields import Form

if TYPE_CHECKING:
    from collections.abc import Iterable


class Take(Form):
    """A button alone: have it."""

    name = "take"


class Release(Form):
    """A button alone: give it back."""

    name = "release"


class HandOver(Form):
    """The colleague who gets it."""

    name = "hand"
    colleague = forms.ChoiceField()

    def __init__(self, *args: Any, people: Iterable[str] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["colleague"].choices = [(each, each) for each in people]  # type: ignore[attr-defined]


class Other(Form):
    """The complaint that is, or is not, about the same thing."""

    name = "other"
    other = forms.RegexField(r"^a-[0-9a-f]{16}$", widget=forms.HiddenInput)


class Part(Form):
    """A button alone: it stands for itself again."""

    name = "part"
