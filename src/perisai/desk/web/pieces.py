"""Pieces of pages that templates use again and again: forms that open, buttons, the seal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from perisai.desk.web.running import desk
from perisai.desk.web.views.files import address
from perisai.desk.web.wording import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import Form
    from django.template.context import Context

    from perisai.desk.attachments.state import Attachment

IN_PLACE = 'hx-boost="true" hx-target="#rows" hx-select="#rows" hx-swap="outerHTML show:none"'
"""Of htmx: the page that a link leads to is fetched as ever, and its rows take our place."""

register = template.Library()
register.simple_tag(address, name="file")


@register.simple_tag
def in_place() -> SafeString:
    """What makes links and filters of a table change ``#rows`` alone, where scripts run."""
    return mark_safe(IN_PLACE)  # noqa: S308 - our own words, with nothing of anybody else


@register.simple_tag
def gateway_here() -> bool:
    """Whether a gateway has run in this house."""
    return desk().gateway.here


@register.filter
def among(keys: tuple[str, ...], known: Mapping[str, Attachment]) -> list[Attachment]:
    """The documents with these numbers."""
    return [known[key] for key in keys if key in known]


@register.inclusion_tag("desk/panel.html")
def panel(form: Form, door: str, label: str, button: str, *parts: str) -> dict[str, Any]:
    """A form that opens at a click, and stands open when it was sent and came back.

    ``door`` names the address that it goes to, ``parts`` fill that in; ``label`` and ``button``
    name words.
    """
    return {
        "form": form,
        "action": reverse(door, args=parts),
        "label": say(label),
        "button": say(button),
    }


@register.inclusion_tag("desk/button.html")
def button(form: Form, door: str, label: str, *parts: str) -> dict[str, Any]:
    """A form that is one button."""
    return {"form": form, "action": reverse(door, args=parts), "label": say(label)}


@register.inclusion_tag("desk/seal.html", takes_context=True)
def seal(context: Context, door: str, *parts: str) -> dict[str, Any]:
    """The button that seals, for those who may."""
    return {
        "may": context["may"],
        "keys": context["keys"],
        "action": reverse(door, args=parts),
    }
