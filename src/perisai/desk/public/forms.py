"""What is asked, in three steps and on the smaller pages."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms

from perisai.desk.complaints.domain import KINDS
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Mapping

    Choices = list[tuple[str, str]]

SHORT = 200
LINK = 2_000
LONG = 3_000
ANSWER = 50_000
ANSWER_ASKED = 20_000
CHILD = ("no", "yes", "unsure")
GROWN = ("no", "yes")
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows: an address can be made to look like another."""


def tidy(text: str) -> str:
    """Take out what no keyboard types: control characters, halves of characters, turned text."""
    text = re.sub(r"\r\n?", "\n", text)
    return "".join(
        each
        for each in text
        if each in "\n\t" or (unicodedata.category(each) not in ("Cc", "Cs") and each not in _TURNS)
    ).strip()


class Said(forms.CharField):
    """A text, tidied before it is measured."""

    def to_python(self, value: object) -> str:
        """Return the text as it is kept."""
        return tidy(super().to_python(value) or "")


class Asked(forms.Form):
    """A form whose words are given. Nothing in it is required unless it is in ``required``."""

    required: tuple[str, ...] = ()
    use_required_attribute = False

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        words: Mapping[str, str],
        initial: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}), auto_id="f-%s")
        for name, field in self.fields.items():
            field.required = name in self.required
            field.label = words[f"{name}_label"]
            field.help_text = words.get(f"{name}_help", "")
            field.error_messages |= {
                "required": words["error_empty"],
                "invalid_choice": words["error_choice"],
                "invalid": words["error_date"],
            }
            if isinstance(field, forms.CharField):
                _measure(field, words)
        for name, choices in self.offered(words).items():
            _choices(self, name, choices)

    def offered(self, words: Mapping[str, str]) -> dict[str, Choices]:  # noqa: ARG002
        """What can be chosen in those fields in which something is chosen."""
        return {}

    def kept(self) -> dict[str, str]:
        """What was typed as far as it can be kept: for going back, or to another language."""
        self.is_valid()
        kept = {}
        for name, field in self.fields.items():
            typed = str(self.cleaned_data.get(name) or "")
            if name in self.errors and isinstance(field, forms.CharField):
                typed = tidy(str(self.data.get(name) or ""))[: field.max_length]
            kept[name] = typed
        return kept


def _measure(field: forms.CharField, words: Mapping[str, str]) -> None:
    too_long = words["error_long"].format(most=f"{field.max_length or 0:,}".replace(",", "."))
    for validator in field.validators:
        if getattr(validator, "code", "") == "max_length":
            validator.message = too_long  # type: ignore[attr-defined]
    # Browsers count in UTF-16 units and line ends as two: the server's word is what counts.
    field.widget.attrs.pop("maxlength", None)
    field.widget.attrs |= {"autocomplete": "off", "dir": "auto"}


def _long(most: int, rows: int) -> Said:
    return Said(max_length=most, widget=forms.Textarea(attrs={"rows": rows}))


class Where(Asked):
    """Step 1: where it was seen."""

    app = Said(max_length=SHORT, widget=forms.TextInput(attrs={"list": "apps"}))
    words = Said(max_length=SHORT)
    link = Said(max_length=LINK, widget=forms.TextInput(attrs={"inputmode": "url"}))
    when = Said(max_length=SHORT)


class What(Asked):
    """Step 2: what it was."""

    kind = forms.ChoiceField(widget=forms.RadioSelect)
    child = forms.ChoiceField(widget=forms.RadioSelect)
    what = _long(LONG, 4)
    age = forms.ChoiceField()

    def offered(self, words: Mapping[str, str]) -> dict[str, Choices]:
        """Kind, whether a child is shown, and the age of who saw it."""
        bands = [(str(band), age_words(str(band), words)) for band in AgeBand]
        return {
            "kind": [(each, words[f"kind_{each}"]) for each in KINDS],
            "child": [(each, words[f"child_{each}"]) for each in CHILD],
            "age": [("", words["age_any"]), *bands],
        }


class Who(Asked):
    """Step 3: who reports, if they like to say."""

    name = Said(max_length=SHORT)
    contact = Said(max_length=SHORT)


class WhoOfAge(Who):
    """The same where grown people may send a file: asked is only whether they are."""

    grown = forms.ChoiceField(widget=forms.RadioSelect)

    def offered(self, words: Mapping[str, str]) -> dict[str, Choices]:
        """Whether they are of age."""
        return {"grown": [(each, words[f"grown_{each}"]) for each in GROWN]}


class Code(Asked):
    """A receipt."""

    code = Said(
        max_length=60, widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "code"})
    )


class Message(Asked):
    """What somebody writes to the house."""

    required = ("message",)
    message = _long(LONG, 4)


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class Files(forms.Field):
    """Documents with an answer. The view reads them: they are no part of what is typed."""

    widget = _SeveralFiles({"accept": ".pdf,.docx,.txt,.csv"})


class Answer(Asked):
    """What a platform answers."""

    required = ("answer",)
    answer = _long(ANSWER, 10)
    objects = forms.BooleanField()
    promise = _long(LONG, 2)
    promise_by = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    papers = Files()


class AnswerAsked(Asked):
    """What an agency answers to a request."""

    required = ("answer",)
    answer = _long(ANSWER_ASKED, 8)
    objects = forms.BooleanField()
    promise = _long(LONG, 2)
    promise_by = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    papers = Files()

    def __init__(self, data: Mapping[str, Any] | None, words: Mapping[str, str]) -> None:
        super().__init__(data, words)
        objects = self.fields["objects"]
        objects.label, objects.help_text = words["asked_objects"], words["asked_objects_help"]


class Appeal(Asked):
    """What is withheld, and should not be."""

    required = ("item", "why")
    item = Said(max_length=LINK)
    why = _long(LONG, 4)
    contact = Said(max_length=SHORT)


def age_words(band: str, words: Mapping[str, str]) -> str:
    """How an age band is said; empty for none."""
    if not band:
        return ""
    if band == AgeBand.ADULT:
        return words["age_adult"]
    return words["age_years"].format(band=band)


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
    field.choices = choices
