"""The forms about improvement requests."""

from __future__ import annotations

from django import forms

from perisai.desk.improvements.domain import LONGEST_ANSWER
from perisai.desk.web.forms.fields import Day, Files, Seen, line, paragraph
from perisai.desk.web.forms.letters import Besides, Paper
from perisai.desk.web.forms.verifying import Verified


class Ask(Verified):
    """Which agency is asked what by when."""

    name = "ask"
    agency = line()
    what = paragraph(rows=3)
    due = Day()
    field_order = ("agency", "what", "due")


class SendRequest(Seen):
    """How a request goes to its agency; with an address, by e-mail."""

    name = "send-request"
    how = line()
    email = forms.EmailField(max_length=200, required=False)


class SendAgain(SendRequest):
    """The same for one that came back, and why it is sent anew."""

    name = "send-again"
    reason = line()
    field_order = ("reason", "how", "email")


class AnswerRequest(Besides):
    """What the agency writes back."""

    name = "answer-request"
    text = paragraph(rows=5, longest=LONGEST_ANSWER)
    papers = Files(accept=".pdf,.docx,.txt,.csv")
    field_order = ("text",)


class RequestPaper(Paper):
    """What the agency wrote back on paper."""

    name = "request-paper"
    text = paragraph(rows=5, longest=LONGEST_ANSWER)
