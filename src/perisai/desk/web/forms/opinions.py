"""The form for a second opinion."""

from __future__ import annotations

from django import forms

from perisai.desk.opinions.domain import OUTCOMES
from perisai.desk.web.forms.fields import Form, choices, paragraph


class Opinion(Form):
    """What the second reviewer finds."""

    name = "opinion"
    decision = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=choices("outcome", OUTCOMES), widget=forms.RadioSelect)
    reason = paragraph(rows=3)
