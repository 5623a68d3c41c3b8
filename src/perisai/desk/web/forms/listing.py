"""The forms for the list that the house gives to others."""

from __future__ import annotations

from django import forms

from perisai.desk.listing.domain import CATEGORIES
from perisai.desk.web.forms.fields import Form, Seen, choices, paragraph


class ProposeListing(Form):
    """What a sample shows, and why others should block it."""

    name = "list-propose"
    category = forms.ChoiceField(choices=choices("label", CATEGORIES))
    reason = paragraph(rows=2)


class AgreeListing(Seen):
    """The second person agrees to the dry run that they have seen."""

    name = "list-agree"


class AgreeWithGap(AgreeListing):
    """The same where nothing, or not everything, could be compared: they say that they saw it."""

    gap = forms.BooleanField()


class RefuseListing(Form):
    """The second person refuses."""

    name = "list-refuse"
    reason = paragraph(rows=2)


class WithdrawListing(Form):
    """It goes off the list again."""

    name = "list-withdraw"
    reason = paragraph(rows=2)
