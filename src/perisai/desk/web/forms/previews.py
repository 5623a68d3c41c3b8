"""The form that opens one step of a preview."""

from __future__ import annotations

from django import forms

from perisai.desk.previews.domain import OTHERS
from perisai.desk.web.forms.fields import Form


class Reveal(Form):
    """Which step."""

    name = "reveal"
    step = forms.IntegerField(min_value=1, max_value=OTHERS, widget=forms.HiddenInput)
