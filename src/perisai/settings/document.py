"""Print docs/settings.md: ``python -m perisai.settings.document > docs/settings.md``."""

from __future__ import annotations

import json
import sys
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from perisai.settings.agencies import AgencySection
from perisai.settings.gateway import (
    CatalogueUpstream,
    GatewaySection,
    GiphyUpstream,
    OpenverseUpstream,
    TenorUpstream,
)
from perisai.settings.kinds import Section
from perisai.settings.model import Settings
from perisai.settings.outgoing import ReceiverSection

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

TABLES = ("models", "receivers", "agencies")
"""Keys of which each entry is a table with a name of the operator's."""
INTRODUCTION = """\
# Settings

<!-- Made by `python -m perisai.settings.document`; a test fails when it is out of date. -->

Perisai runs without any settings. What you want to change stands in one file:

```toml
# perisai.toml
[screening]
policy = "generic"
models = ["opennsfw", "nudenet"]

[policy]
reviewers = true
```

**Where it is read from**, the first that exists: the file named by `PERISAI_CONFIG`; `perisai.toml`
in the home folder. **The home folder** is `PERISAI_HOME`, else the `home` key of a file named by
`PERISAI_CONFIG`, else the platform's data folder for this user.

**The environment lies on top of the file.** `PERISAI_SECTION__KEY` (two underscores) sets
`section.key`: `PERISAI_SCREENING__JOBS=4`, `PERISAI_SCREENING__MODELS=opennsfw,nudenet`. Values are
written as in TOML; text needs no quotes. Options of a command lie on top of both.

**A mistake stops the program** with the place and what to do: an unknown key or variable is never
passed over, since a typing error could leave a child unprotected.

```
perisai.toml:2: screening.polcy: is not a known key; did you mean 'policy'?
```
"""


def page() -> str:
    """The whole of docs/settings.md."""
    parts = [INTRODUCTION]
    parts.append(_table("Top of the file", None, Settings))
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            parts.append(_table(f"`[{name}]`", name, kind))
            if kind is GatewaySection:
                parts.extend(_upstreams())
        elif name == "models":
            parts.append(f"## `[models.NAME]`\n\n{field.description}\n")
        elif name == "receivers":
            parts.append(_table("`[receivers.NAME]`", "NAME", ReceiverSection))
        elif name == "agencies":
            parts.append(_table("`[agencies.NAME]`", "NAME", AgencySection))
    return "\n".join(parts)


def _upstreams() -> list[str]:
    kinds = (CatalogueUpstream, TenorUpstream, GiphyUpstream, OpenverseUpstream)
    return [
        _table(f"`[gateway.upstreams.NAME]`, type `{kind.__name__[:-8].lower()}`", "NAME", kind)
        for kind in kinds
    ]


def _table(title: str, section: str | None, model: type[Section]) -> str:
    rows = [
        "| Key | Environment | Value | Default | Meaning |",
        "|---|---|---|---|---|",
    ]
    for name, field in model.model_fields.items():
        kind = field.annotation
        elsewhere = name in TABLES or _is_section(kind)
        if (section is None and elsewhere) or name == "upstreams":
            continue
        if not field.description:
            raise ValueError(f"{section or ''}.{name} has no description")
        variable = f"`PERISAI_{section}__{name}`".upper() if section else "`PERISAI_HOME`"
        if section == "NAME":
            variable = ""  # such names are the operator's: only the file has them
        cells = (f"`{name}`", variable, _values(field), _default(field), field.description)
        rows.append("| " + " | ".join(cells) + " |")
    words = f"{model.__doc__}\n\n" if section else ""
    return f"## {title}\n\n{words}" + "\n".join(rows) + "\n"


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _values(field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{each}`" for each in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{each.value}`" for each in kind)
    if any(get_origin(each) is tuple for each in (kind, *get_args(kind))):
        return "list of names"
    names = {int: "whole number", float: "number", bool: "`true`, `false`", str: "text"}
    word = names.get(kind, "path") if isinstance(kind, type) else "path"
    return f"{word}{_bounds(field)}"


def _bounds(field: FieldInfo) -> str:
    found: dict[str, Any] = {}
    for each in field.metadata:
        for sign in ("ge", "gt", "le", "lt"):
            if getattr(each, sign, None) is not None:
                found[sign] = getattr(each, sign)
    if "ge" in found and "le" in found:
        return f", {found['ge']} to {found['le']}"
    if "ge" in found:
        return f", at least {found['ge']}"
    return f", more than {found['gt']}" if "gt" in found else ""


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if field.is_required() or value is None:
        return "none"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 10_000:
        return f"`{value:_}`"
    return f"`{json.dumps(value)}`"


if __name__ == "__main__":
    sys.stdout.write(page())
