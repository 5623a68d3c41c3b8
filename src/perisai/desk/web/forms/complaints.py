"""The forms about a complaint."""

from __future__ import annotations

from django import forms

from perisai.desk.complaints import domain as complaints
from perisai.desk.web.forms.fields import Form, Seen, choices, line, paragraph


class Enter(Form):
    """What came by phone, visit or press."""

    name = "enter"
    source = forms.ChoiceField(choices=choices("source", complaints.ENTERED))
    app = line(required=False)
    words = line(required=False)
    link = line(required=False, longest=2_000)
    when = line(required=False)
    what = paragraph(required=False, rows=5)
    age = line(required=False)
    reporter = paragraph(required=False, rows=2, longest=1_000)
    receipt = forms.BooleanField(required=False)


class Answer(Seen):
    """A message to who complained, by somebody who has read all of theirs."""

    name = "answer"
    text = paragraph()


class Hear(Seen):
    """Messages that need no answer, as far as they were seen."""

    name = "hear"


class Identity(Form):
    """Why somebody needs to know who complained."""

    name = "identity"
    reason = line()


class Join(Form):
    """The case that a complaint belongs to."""

    name = "join"
    case = forms.RegexField(
        r"^K-[0-9]{4}-[0-9]{4,9}$", max_length=20, widget=forms.TextInput({"list": "near"})
    )
