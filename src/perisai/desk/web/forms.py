"""The forms of the desk. Each names every field that it reads: nothing else that is sent counts."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils import timezone

from perisai.desk.cases import domain as cases
from perisai.desk.commitments import domain as commitments
from perisai.desk.complaints import domain as complaints
from perisai.desk.summons.domain import LONGEST_ANSWER, LONGEST_REPLY_DAYS
from perisai.desk.web.wording import say, say_later, words
from perisai.terms import YOUNGEST, AgeBand

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPLAINT = re.compile(r"\Aa-[0-9a-f]{16}\Z")
LINE = 200
PARAGRAPH = 4_000
BANDS = [(band.value, say_later(f"band.{band.value}")) for band in AgeBand]


class Form(forms.Form):
    """A form with a name; ``item`` tells those of one page apart that have the same name.

    Labels and hints are the words ``field.NAME`` and ``hint.FORM-NAME``.
    """

    name: ClassVar[str] = ""
    required_css_class = "required"
    error_css_class = "wrong"

    def __init__(self, *args: Any, item: str = "", **kwargs: Any) -> None:  # noqa: ANN401
        self.key = f"{self.name}-{item}" if item else self.name
        kwargs["auto_id"] = f"{self.key.replace(':', '-')}-%s"
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.widget.is_hidden:
                continue
            special = f"field.{self.name}-{name}"
            field.label = say(special if special in words() else f"field.{name}")
            hint = f"hint.{self.name}-{name}"
            field.help_text = say(hint) if hint in words() else ""

    @property
    def multipart(self) -> bool:
        """Whether a file is sent with it."""
        return self.is_multipart()


class Seen(Form):
    """A form that acts on what was seen: on nothing newer."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


def _choices(section: str, values: Iterable[str]) -> list[tuple[str, Any]]:
    return [(value, say_later(f"{section}.{value}")) for value in values]


def _line(*, required: bool = True, longest: int = LINE, listed: str = "") -> forms.CharField:
    widget = forms.TextInput({"list": listed} if listed else {})
    return forms.CharField(max_length=longest, required=required, widget=widget)


def _text(*, required: bool = True, rows: int = 4, longest: int = PARAGRAPH) -> forms.CharField:
    return forms.CharField(
        max_length=longest, required=required, widget=forms.Textarea({"rows": rows})
    )


class Lines(forms.CharField):
    """Several entries, one on each line."""

    def __init__(self, *, required: bool = True, rows: int = 4) -> None:
        super().__init__(
            required=required, max_length=PARAGRAPH, widget=forms.Textarea({"rows": rows})
        )

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 - as the base class has it
        """Return the lines that are not empty."""
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        """The reverse, for a form that is filled already."""
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def run_validators(self, value: Any) -> None:  # noqa: ANN401
        """Check the whole text's length."""
        super().run_validators("\n".join(value))


class Day(forms.DateField):
    """A day that is meant as a whole: until its last second, where the house is."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    input_formats = ("%Y-%m-%d",)

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - as the base class has it
        """Return the end of the day, with its zone."""
        found = super().clean(value)
        return end_of(found) if isinstance(found, date) else found


def end_of(day: date) -> datetime:
    """The last second of a day, in the zone of the house."""
    return datetime.combine(day, time(23, 59, 59), timezone.get_current_timezone())


def _moment() -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


# ---- complaints


class Enter(Form):
    """What came by phone, visit or press."""

    name = "enter"
    source = forms.ChoiceField(choices=_choices("source", complaints.ENTERED))
    app = _line(required=False)
    words = _line(required=False)
    link = _line(required=False, longest=2_000)
    when = _line(required=False)
    what = _text(required=False, rows=5)
    age = _line(required=False)
    reporter = _text(required=False, rows=2, longest=1_000)
    receipt = forms.BooleanField(required=False)


class Answer(Form):
    """A message to who complained."""

    name = "answer"
    text = _text()


class Identity(Form):
    """Why somebody needs to know who complained."""

    name = "identity"
    reason = _line()


class Join(Form):
    """The case that a complaint belongs to."""

    name = "join"
    case = forms.RegexField(
        r"^K-[0-9]{4}-[0-9]{4,9}$", max_length=20, widget=forms.TextInput({"list": "near"})
    )


# ---- cases


class OpenCase(Form):
    """A new case."""

    name = "open-case"
    title = _line()
    platform = _line(listed="platforms")
    words = Lines(required=False, rows=3)
    promised = Day()
    complaint = forms.RegexField(COMPLAINT, max_length=18, required=False, widget=forms.HiddenInput)


class Note(Form):
    """A note and who may read it."""

    name = "note"
    text = _text(rows=3)
    audience = forms.ChoiceField()

    def __init__(self, *args: Any, audiences: Iterable[str] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = _choices("audience", audiences)  # type: ignore[attr-defined]


class Sample(Form):
    """A file to be screened: held in memory, and gone when the page is back."""

    name = "sample"
    file = forms.FileField(allow_empty_file=False)
    seen_at = _line()
    complaint = forms.ChoiceField(required=False)
    no_child = forms.BooleanField()

    def __init__(self, *args: Any, complaints: Iterable[str] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        none = [("", say("case.no-complaint"))]
        self.fields["complaint"].choices = none + [(each, each) for each in complaints]  # type: ignore[attr-defined]


class Decide(Seen):
    """What a person found."""

    name = "decide"
    outcome = forms.ChoiceField(
        choices=_choices("outcome", cases.OUTCOMES), widget=forms.RadioSelect
    )
    reason = _text(rows=3)


class Measure(Form):
    """A search to be measured now."""

    name = "measure"
    words = _line()
    band = forms.ChoiceField(choices=BANDS, initial=YOUNGEST.value)


class MeasureByHand(Measure):
    """What somebody else measured."""

    name = "measured"
    shown = forms.IntegerField(min_value=0, max_value=1_000_000)
    withheld = forms.IntegerField(min_value=0, max_value=1_000_000)
    source = _line()


class Conflict(Form):
    """Who is a party to the case."""

    name = "conflict"
    person = forms.ChoiceField()

    def __init__(self, *args: Any, people: Iterable[str] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(each, each) for each in people]  # type: ignore[attr-defined]


class Pause(Form):
    """Why a clock stands still."""

    name = "pause"
    reason = _line()


class Nothing(Seen):
    """A button alone, for what was seen."""

    name = "nothing"


# ---- letters


class Draft(Form):
    """An invitation to clarify."""

    name = "draft"
    recipient = _line()
    address = _text(rows=2, longest=500)
    agenda = _line()
    questions = Lines(rows=5)
    documents = Lines(rows=3)
    place = _line()
    at = _moment()
    reply_days = forms.IntegerField(min_value=1, max_value=LONGEST_REPLY_DAYS, initial=3)


class Agree(Seen):
    """The house's own number for a letter; the next one if nobody names another."""

    name = "agree"
    number = _line(required=False)

    def __init__(self, *args: Any, next_number: str = "", **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs["placeholder"] = next_number


class Send(Seen):
    """How a letter leaves the house."""

    name = "send"
    how = _line()


class Acknowledge(Form):
    """How the receiver said that it has the letter."""

    name = "acknowledge"
    how = _line()


class LetterAnswer(Form):
    """What the receiver wrote back, as an officer enters it."""

    name = "letter-answer"
    text = _text(longest=LONGEST_ANSWER)
    how = _line()


class Attended(Form):
    """What was said and agreed."""

    name = "attended"
    minutes = _text(rows=6, longest=cases.LONGEST_TEXT)


class Drop(Form):
    """Why a letter is not sent."""

    name = "drop"
    reason = _line()


class Reply(Form):
    """What a platform's liaison answers."""

    name = "reply"
    text = _text(rows=8, longest=LONGEST_ANSWER)


# ---- commitments and results


class Promise(Form):
    """Who promised what by when."""

    name = "promise"
    party = _line()
    what = _text(rows=2)
    due = Day()
    verify = _text(rows=2)


class Judge(Form):
    """Kept, late or broken, with the evidence."""

    name = "judge"
    outcome = forms.ChoiceField(
        choices=_choices("kept", commitments.OUTCOMES), widget=forms.RadioSelect
    )
    before = _text(rows=2)
    after = _text(rows=2)


class Result(Form):
    """What is to be made known, in both languages."""

    name = "result"
    text_id = _text(rows=6, longest=cases.LONGEST_TEXT)
    text_en = _text(rows=6, longest=cases.LONGEST_TEXT)
