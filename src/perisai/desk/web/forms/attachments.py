"""The forms about documents that are attached to a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from perisai.desk.attachments.domain import AUDIENCES
from perisai.desk.web.forms.fields import Form, choices, line

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeepDocument(Form):
    """A document, and who may open it."""

    name = "keep-document"
    file = forms.FileField(allow_empty_file=False)
    audience = forms.ChoiceField()

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        audiences: Iterable[str] = AUDIENCES,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = choices("audience", audiences)  # type: ignore[attr-defined]


class PurgeDocument(Form):
    """Why a document is deleted before its time."""

    name = "purge-document"
    reason = line()
