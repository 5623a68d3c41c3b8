"""What forms are made of."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils import timezone

from perisai.desk.web.wording import say, say_later, words

if TYPE_CHECKING:
    from collections.abc import Iterable

LINE = 200
PARAGRAPH = 4_000


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


def choices(section: str, values: Iterable[str]) -> list[tuple[str, Any]]:
    """Values with their words, in the language of who reads."""
    return [(value, say_later(f"{section}.{value}")) for value in values]


def line(*, required: bool = True, longest: int = LINE, listed: str = "") -> forms.CharField:
    """A text of one line; ``listed`` names a list of proposals on the page."""
    widget = forms.TextInput({"list": listed} if listed else {})
    return forms.CharField(max_length=longest, required=required, widget=widget)


def paragraph(*, required: bool = True, rows: int = 4, longest: int = PARAGRAPH) -> forms.CharField:
    """A text of several lines."""
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


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files, or none; ``accept`` is what browsers offer to choose."""

    widget = _SeveralFiles

    def __init__(self, accept: str) -> None:
        super().__init__(required=False, widget=_SeveralFiles({"accept": accept}))

    def clean(self, data: Any, initial: Any = None) -> Any:  # noqa: ANN401 - as the base class has it
        """Return a list of files."""
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(Files, self).clean(each, initial) for each in given if each]


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


def moment() -> forms.DateTimeField:
    """A day and a time."""
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
