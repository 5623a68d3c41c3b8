"""The forms about who complained, and about appeals."""

from __future__ import annotations

from perisai.desk.web.forms.fields import Form, line


class Erase(Form):
    """Who asked to be erased, and when."""

    name = "erase"
    reason = line()
