"""The forms about a letter of invitation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms

from perisai.desk.cases.domain import LONGEST_TEXT
from perisai.desk.procedures import LANGUAGES
from perisai.desk.summons.domain import LONGEST_ANSWER, LONGEST_REPLY_DAYS
from perisai.desk.summons.replies import OUTCOMES
from perisai.desk.summons.state import Point
from perisai.desk.web.forms.fields import (
    Files,
    Form,
    Lines,
    Seen,
    choices,
    line,
    moment,
    paragraph,
)
from perisai.desk.web.wording import say

if TYPE_CHECKING:
    from collections.abc import Sequence


class Draft(Form):
    """An invitation to clarify."""

    name = "draft"
    platform = forms.ChoiceField(required=False)
    recipient = line()
    address = paragraph(rows=2, longest=500)
    email = forms.EmailField(max_length=200, required=False)
    agenda = line()
    questions = Lines(rows=5)
    documents = Lines(rows=3)
    about_en = line(required=False)
    agenda_en = line(required=False)
    questions_en = Lines(required=False, rows=5)
    documents_en = Lines(required=False, rows=3)
    place = line()
    online = line(required=False)
    at = moment()
    until = forms.TimeField(
        required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    zone = forms.ChoiceField(required=False)
    reply_days = forms.IntegerField(min_value=1, max_value=LONGEST_REPLY_DAYS, initial=3)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        platforms: Sequence[str] = (),
        zones: Sequence[str] = (),
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = [("", zones[0]), *((each, each) for each in zones[1:])] if zones else []
        self.fields["zone"].choices = chosen  # type: ignore[attr-defined]
        if len(platforms) > 1:
            self.fields["platform"].choices = [(each, each) for each in platforms]  # type: ignore[attr-defined]
        else:
            del self.fields["platform"]


class Agree(Seen):
    """The house's own number for a letter; the next one if nobody names another."""

    name = "agree"
    number = line(required=False)

    def __init__(self, *args: Any, next_number: str = "", **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs["placeholder"] = next_number


class EditLetter(Seen):
    """A letter as it was edited in a word processor."""

    name = "edit-letter"
    file = forms.FileField(
        allow_empty_file=False, widget=forms.ClearableFileInput({"accept": ".docx"})
    )
    tongue = forms.ChoiceField(choices=choices("tongue", LANGUAGES), label="")


class Send(Seen):
    """How a letter leaves the house."""

    name = "send"
    how = line()


class Acknowledge(Form):
    """How the receiver said that it has the letter."""

    name = "acknowledge"
    how = line()


class Besides(Form):
    """What comes with an answer: an objection, a promise with its day."""

    objects = forms.BooleanField(required=False)
    promise = paragraph(required=False, rows=2)
    promise_by = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class Paper(Besides):
    """What somebody wrote back on paper, as an officer enters it."""

    text = paragraph(longest=LONGEST_ANSWER)
    how = line()
    scan = forms.FileField(
        required=False, widget=forms.ClearableFileInput({"accept": "application/pdf"})
    )
    field_order = ("text", "how", "scan")


class LetterAnswer(Paper):
    """What the receiver of a letter wrote back."""

    name = "letter-answer"


class Verify(Form):
    """Whether what was entered is what the paper says."""

    name = "verify"
    same = forms.ChoiceField(choices=choices("same", ("yes", "no")), widget=forms.RadioSelect)
    reason = line(required=False)


class Points(Lines):
    """What was agreed on: one on each line, with the day behind a bar if there is one."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - as the base class has it
        """Return a list of points."""
        return [self._point(each) for each in super().clean(value)]

    def _point(self, text: str) -> Point:
        what, bar, by = (each.strip() for each in text.rpartition("|"))
        if not bar:
            return Point(text)
        try:
            day = date.fromisoformat(by)
        except ValueError:
            raise forms.ValidationError(say("offer.wrong-day", text=text)) from None
        if not what:
            raise forms.ValidationError(say("offer.wrong-day", text=text))
        return Point(what, day.isoformat())


class Attended(Form):
    """What was said and agreed."""

    name = "attended"
    minutes = paragraph(rows=6, longest=LONGEST_TEXT)
    points = Points(required=False, rows=3)


class Drop(Form):
    """Why a letter is not sent."""

    name = "drop"
    reason = line()


class Reply(Besides):
    """What a platform's liaison answers."""

    name = "reply"
    text = paragraph(rows=8, longest=LONGEST_ANSWER)
    papers = Files(accept=".pdf,.docx,.txt,.csv")
    field_order = ("text",)


class Objection(Form):
    """Whether an objection is right."""

    name = "objection"
    outcome = forms.ChoiceField(choices=choices("objection", OUTCOMES), widget=forms.RadioSelect)
    reason = paragraph(rows=3)
