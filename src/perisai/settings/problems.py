"""Turn what pydantic says about a value into a sentence that says what to do."""

from __future__ import annotations

import difflib
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from perisai.settings.toml import Key

UPSTREAMS = ("gateway", "upstreams")

_KINDS = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number, neither infinite nor nan",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list in square brackets",
    "list_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "path_type": "must be a path in quotes",
    "missing": "is missing; add it",
    "string_too_short": "must not be empty",
    "date_from_datetime_parsing": "must be a day like 2026-12-31",
    "date_from_datetime_inexact": "must be a day like 2026-12-31",
    "date_parsing": "must be a day like 2026-12-31",
    "date_type": "must be a day like 2026-12-31",
}


def first_problem(error: ValidationError, model: type[BaseModel]) -> tuple[Key, str]:
    """The first thing that is wrong: where, and in words."""
    details = error.errors(include_url=False)[0]
    # pydantic marks a wrong key of a mapping by a last part "[key]": the place is the key itself.
    key: Key = tuple(part for part in details["loc"] if part != "[key]")
    if key[:2] == UPSTREAMS and len(key) > 4:
        key = (*key[:3], *key[4:])  # the fourth part only says which type of upstream it is
    return key, _words(details, key, model)


def unknown(what: str, known: Iterable[str]) -> str:
    """Say that a key is not known, with the nearest one that is."""
    names = sorted(known)
    near = difflib.get_close_matches(what, names, n=1)
    if near:
        return f"is not a known key; did you mean {near[0]!r}?"
    return f"is not a known key; known here: {', '.join(names)}"


def _words(details: ErrorDetails, key: Key, model: type[BaseModel]) -> str:
    kind = details["type"]
    context: dict[str, Any] = details.get("ctx", {})
    given = details["input"]
    if kind == "extra_forbidden":
        place = model_at(model, key[:-1])
        return unknown(str(key[-1]), _names(place) if place else ())
    if kind == "union_tag_not_found":
        return 'needs a type; add type = "catalogue", "tenor", "giphy" or "openverse"'
    if kind == "union_tag_invalid":
        return f"has the type {context['tag']!r}; must be one of {context['expected_tags']}"
    if kind in ("literal_error", "enum"):
        return f"is {given!r}; must be one of {context['expected']}"
    for word, sign in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "below")):
        if word in context:
            return f"is {given}; must be {sign} {context[word]}"
    if kind == "value_error":
        return str(context["error"])
    text = _KINDS.get(kind, details["msg"])
    if kind == "missing":
        return text
    return f"{text}, not {_short(given)}" if kind in _KINDS else text


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def model_at(model: type[BaseModel], key: Key) -> type[BaseModel] | None:
    """The model that describes the table at ``key``, if one does."""
    found: object = model
    for part in key:
        found = _inside(found, part)
    if get_origin(found) is Annotated:  # one of several upstreams: the one with the most keys
        found = max(get_args(get_args(found)[0]), key=lambda each: len(each.model_fields))
    return found if _is_model(found) else None


def _inside(kind: object, part: str | int) -> object:
    """The type of what stands at ``part`` in a value of the type ``kind``; None if not known."""
    if _is_model(kind):
        fields = {item.alias or name: item for name, item in kind.model_fields.items()}
        field = fields.get(str(part))
        return _bare(field.annotation) if field else None
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return _bare(arguments[1])
    return _bare(arguments[0]) if arguments else None


def _bare(kind: object) -> object:
    """``X`` of ``X | None``."""
    if get_origin(kind) is UnionType:
        return next((each for each in get_args(kind) if each is not NoneType), None)
    return kind


def _is_model(thing: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(thing, type) and issubclass(thing, BaseModel)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
