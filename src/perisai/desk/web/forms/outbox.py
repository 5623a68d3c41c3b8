"""The forms about what leaves the house."""

from __future__ import annotations

from perisai.desk.web.forms.fields import Form, line


class Received(Form):
    """How the receiver got a message, as an officer knows."""

    name = "received"
    how = line()
