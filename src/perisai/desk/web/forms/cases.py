"""The forms about a case, its evidence and its clocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

from perisai.desk.cases import domain as cases
from perisai.desk.web.forms.fields import Day, Form, Lines, Seen, choices, line, paragraph
from perisai.desk.web.wording import say, say_later
from perisai.terms import YOUNGEST, AgeBand

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPLAINT = re.compile(r"\Aa-[0-9a-f]{16}\Z")
BANDS = [(band.value, say_later(f"band.{band.value}")) for band in AgeBand]


class OpenCase(Form):
    """A new case."""

    name = "open-case"
    title = line()
    platform = line(listed="platforms")
    words = Lines(required=False, rows=3)
    promised = Day()
    complaint = forms.RegexField(COMPLAINT, max_length=18, required=False, widget=forms.HiddenInput)


class Widen(Form):
    """Another platform on which the same goes round."""

    name = "widen"
    platform = line()


class Note(Form):
    """A note and who may read it."""

    name = "note"
    text = paragraph(rows=3)
    audience = forms.ChoiceField()

    def __init__(self, *args: Any, audiences: Iterable[str] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = choices("audience", audiences)  # type: ignore[attr-defined]


class Sample(Form):
    """A file to be screened: held in memory, and gone when the page is back."""

    name = "sample"
    file = forms.FileField(allow_empty_file=False)
    seen_at = line()
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
        choices=choices("outcome", cases.OUTCOMES), widget=forms.RadioSelect
    )
    reason = paragraph(rows=3)


class Measure(Form):
    """A search to be measured now."""

    name = "measure"
    words = line()
    band = forms.ChoiceField(choices=BANDS, initial=YOUNGEST.value)


class MeasureByHand(Measure):
    """What somebody else measured."""

    name = "measured"
    shown = forms.IntegerField(min_value=0, max_value=1_000_000)
    withheld = forms.IntegerField(min_value=0, max_value=1_000_000)
    source = line()


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
    reason = line()


class Step(Form):
    """A step of the procedure whose time begins."""

    name = "step"
    step = forms.ChoiceField()

    def __init__(self, *args: Any, steps: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = list(steps)  # type: ignore[attr-defined]


class EndStep(Form):
    """What has happened, so that a step is over."""

    name = "end-step"
    reason = line()


class Merge(Form):
    """The case that goes into this one, and why."""

    name = "merge"
    other = forms.RegexField(r"^K-[0-9]{4}-[0-9]{4,9}$", max_length=20)
    reason = line()


class Split(Form):
    """The complaints that go out into a case of their own."""

    name = "split"
    complaints = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    title = line()
    reason = line()
    promised = Day()

    def __init__(self, *args: Any, complaints: Iterable[str] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["complaints"].choices = [(each, each) for each in complaints]  # type: ignore[attr-defined]


class Nothing(Seen):
    """A button alone, for what was seen."""

    name = "nothing"
