"""The form for what the gateway may show."""

from __future__ import annotations

from django import forms

from perisai.desk.web.forms.fields import Form, choices, paragraph
from perisai.desk.withholding.domain import CHOICES


class Withhold(Form):
    """What a reviewer decides on a sample, and why."""

    name = "withhold"
    what = forms.ChoiceField(choices=choices("gateway", CHOICES), widget=forms.RadioSelect)
    reason = paragraph(rows=2)
