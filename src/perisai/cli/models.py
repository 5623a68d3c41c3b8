"""``perisai models``: which models there are, and what they can say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from perisai.models.spec import ModelSpec


@click.group()
def models() -> None:
    """Say which models there are."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per model and line.")
def list_models(as_json: bool) -> int:
    """List the built-in models and your own from the settings.

    `in use` are those that [screening] names. Exit status 0, or 1 if one in use is missing or not
    the file that was pinned.
    """
    from perisai import settings

    chosen = settings.load()
    rows = _rows(chosen.models, chosen.screening.models)
    for row in rows:
        click.echo(json.dumps(row) if as_json else _text(row))
    if not as_json:
        said = {label for row in rows if row["in_use"] for label in row["labels"]}
        unsaid = [label for label in _labels() if label not in said]
        if unsaid:
            click.echo(f"\nNo model in use can say: {', '.join(unsaid)}")
    return 1 if any(row["in_use"] and row["problem"] for row in rows) else 0


def _rows(tables: dict[str, dict[str, Any]], in_use: tuple[str, ...]) -> list[dict[str, Any]]:
    from perisai.models.builtin import BUILT_IN
    from perisai.models.registry import model_specs

    # Those in use first, in the order of the settings.
    names = list(dict.fromkeys((*in_use, *tables, *BUILT_IN)))
    specs = model_specs({name: tables.get(name, {}) for name in names})
    return [_row(spec, in_use=spec.name in in_use) for spec in specs]


def _row(spec: ModelSpec, *, in_use: bool) -> dict[str, Any]:
    from perisai.errors import ModelError
    from perisai.models import files

    place, problem = None, None
    try:
        files.read(spec)
        place = str(files.locate(spec))
    except ModelError as error:
        problem = {"code": error.code, "message": str(error)}
    return {
        "name": spec.name,
        "kind": spec.kind,
        "labels": sorted(spec.labels),
        "licence": spec.licence,
        "in_use": in_use,
        "pinned": spec.sha256 is not None,
        "generation": spec.generation,
        "file": place,
        "problem": problem,
    }


def _text(row: dict[str, Any]) -> str:
    use = "in use" if row["in_use"] else "not in use"
    lines = [
        f"{click.style(row['name'], bold=True)}: {row['kind']}, {use}, licence {row['licence']}",
        f"  says     {', '.join(row['labels']) or 'nothing: no class has a label'}",
    ]
    if row["problem"]:
        lines.append(f"  missing  {row['problem']['message']}")
    else:
        pin = "its SHA-256 is the pinned one" if row["pinned"] else "not pinned by SHA-256"
        lines.append(f"  file     {row['file']} ({pin})")
    return "\n".join(lines)


def _labels() -> list[str]:
    from perisai.terms import Label

    return [x.value for x in Label if x not in (Label.ABUSE, Label.LISTED)]
