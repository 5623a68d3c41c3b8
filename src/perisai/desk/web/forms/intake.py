"""The forms about who complained, and about appeals."""

from __future__ import annotations

from django import forms

from perisai.desk.appeals.domain import OUTCOMES
from perisai.desk.web.forms.fields import Form, Seen, choices, line, paragraph


class Erase(Form):
    """Who asked to be erased, and when."""

    name = "erase"
    reason = line()


class ProposeAnswer(Seen):
    """How an appeal should be answered."""

    name = "propose"
    outcome = forms.ChoiceField(choices=choices("appeal-outcome", OUTCOMES))
    text = paragraph(longest=3_000)
