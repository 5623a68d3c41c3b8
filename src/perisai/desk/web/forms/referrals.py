"""The form about referrals."""

from __future__ import annotations

from perisai.desk.web.forms.fields import Form, paragraph


class ReviewReferral(Form):
    """What the second person found."""

    name = "review-referral"
    note = paragraph(rows=2, longest=2_000)
