"""The forms about commitments and the public result."""

from __future__ import annotations

from django import forms

from perisai.desk.cases.domain import LONGEST_TEXT
from perisai.desk.commitments import domain as commitments
from perisai.desk.web.forms.fields import Day, Form, choices, line, paragraph


class Promise(Form):
    """Who promised what by when."""

    name = "promise"
    party = line()
    what = paragraph(rows=2)
    due = Day()
    verify = paragraph(rows=2)


class Judge(Form):
    """Kept, late or broken, with the evidence."""

    name = "judge"
    outcome = forms.ChoiceField(
        choices=choices("kept", commitments.OUTCOMES), widget=forms.RadioSelect
    )
    before = paragraph(rows=2)
    after = paragraph(rows=2)


class Result(Form):
    """What is to be made known, in both languages."""

    name = "result"
    text_id = paragraph(rows=6, longest=LONGEST_TEXT)
    text_en = paragraph(rows=6, longest=LONGEST_TEXT)
