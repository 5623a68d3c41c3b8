"""The forms about commitments and the public result."""

from __future__ import annotations

from django import forms

from perisai.desk.cases.domain import LONGEST_TEXT
from perisai.desk.web.forms.fields import Day, Form, line, paragraph
from perisai.desk.web.forms.verifying import Verified


class Promise(Verified):
    """Who promised what by when."""

    name = "promise"
    party = line()
    what = paragraph(rows=2)
    due = Day()
    source = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    field_order = ("party", "what", "due")


class Result(Form):
    """What is to be made known, in both languages."""

    name = "result"
    text_id = paragraph(rows=6, longest=LONGEST_TEXT)
    text_en = paragraph(rows=6, longest=LONGEST_TEXT)
