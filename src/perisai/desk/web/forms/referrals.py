"""The forms about referrals, and about undoing a seal."""

from __future__ import annotations

from perisai.desk.web.forms.fields import Form, paragraph


class ReviewReferral(Form):
    """What the second person found."""

    name = "review-referral"
    note = paragraph(rows=2, longest=2_000)


class QuestionSeal(Form):
    """Why a seal is to be undone."""

    name = "question-seal"
    reason = paragraph(rows=2, longest=2_000)


class KeepSeal(Form):
    """Why it stays."""

    name = "keep-seal"
    reason = paragraph(rows=2, longest=2_000)
