"""Find the settings file, lay the environment on top, and say exactly what is wrong with either."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin

from platformdirs import user_data_path
from pydantic import ValidationError

from perisai.errors import SettingsError
from perisai.settings import toml
from perisai.settings.kinds import Section
from perisai.settings.model import Settings
from perisai.settings.problems import first_problem, model_at, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.settings.toml import Document, Key

PREFIX = "PERISAI_"
CONFIG = "PERISAI_CONFIG"
HOME = "PERISAI_HOME"
FILE_NAME = "perisai.toml"
FOR_TESTS = "PERISAI_TEST_"
"""Variables that begin so are left to test and bench programs."""


def load(
    file: Path | None = None,
    env: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Settings:
    """Read the settings: the defaults, then one file, then the environment, then ``home``.

    The file is ``file``, else the one that PERISAI_CONFIG names, else ``perisai.toml`` in the home
    folder if there is one. ``env`` is ``os.environ`` unless given; PERISAI_SECTION__KEY sets
    ``section.key``. ``home`` overrides PERISAI_HOME and the file's ``home``.

    Raises SettingsError; the message names file and line, or the variable, and says what to do.
    """
    env = os.environ if env is None else env
    given_home = home or _path(env.get(HOME))
    named = file or _path(env.get(CONFIG))
    document = _read(named, given_home or user_data_path("perisai"))
    overrides = _overrides(env)
    merged: dict[str, Any] = _copy(document.data) if document else {}
    for key, (_, value) in overrides.items():
        _put(merged, key, value)
    _settle_home(merged, document, given_home, implied=named is None)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise _explain(error, document, overrides) from error
    settings = _settle_policy(settings, document, overrides)
    settings = _settle_lexicons(settings, document, overrides)
    settings._document = document
    _check_machines(settings, overrides)
    return settings


def _check_machines(settings: Settings, overrides: dict[Key, tuple[str, Any]]) -> None:
    """Refuse a machine that no table names: found out now, not at the first message for it."""
    desk = settings.desk
    wanted = [("referral_machine", desk.referral_machine)]
    wanted += [("list_receivers", name) for name in desk.list_receivers]
    for key, name in wanted:
        if name is not None and name not in settings.receivers:
            _refuse_machine(settings, overrides, ("desk", key), name)


def _refuse_machine(
    settings: Settings, overrides: dict[Key, tuple[str, Any]], key: Key, name: str
) -> None:
    known = ", ".join(sorted(settings.receivers)) or "none"
    text = f"is {name!r}; add a table [receivers.{name}], or name one that is there ({known})"
    if key in overrides:
        raise SettingsError(f"{overrides[key][0]}: {text}")
    raise settings.problem(key, text)


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _read(named: Path | None, home: Path) -> Document | None:
    if named:
        return toml.read(named)
    implied = home / FILE_NAME
    return toml.read(implied) if implied.is_file() else None


def _settle_home(
    merged: dict[str, Any], document: Document | None, given: Path | None, *, implied: bool
) -> None:
    if document and "home" in document.data and implied:
        # The file was found by way of the home folder: that it moves it would go unnoticed.
        raise document.problem(
            ("home",), "cannot stand in the file inside the home folder; set PERISAI_HOME instead"
        )
    written = merged.get("home")
    if given:
        merged["home"] = given.absolute()
    elif document and isinstance(written, str) and written:
        merged["home"] = Path(document.name).absolute().parent / Path(written).expanduser()
    elif written is None:
        merged["home"] = user_data_path("perisai")


def _settle_policy(
    settings: Settings, document: Document | None, overrides: dict[Key, tuple[str, Any]]
) -> Settings:
    """Read a policy path in the file from the file's folder, so that any caller finds it."""
    policy = settings.screening.policy
    key = ("screening", "policy")
    if document is None or key in overrides or not policy.endswith(".toml"):
        return settings
    path = Path(document.name).absolute().parent / Path(policy).expanduser()
    screening = settings.screening.model_copy(update={"policy": str(path)})
    return settings.model_copy(update={"screening": screening})


def _settle_lexicons(
    settings: Settings, document: Document | None, overrides: dict[Key, tuple[str, Any]]
) -> Settings:
    """Read lexicon paths in the file from the file's folder, as a policy's."""
    if document is None or ("vocabulary", "lexicons") in overrides:
        return settings
    folder = Path(document.name).absolute().parent
    paths = tuple(str(folder / Path(each).expanduser()) for each in settings.vocabulary.lexicons)
    vocabulary = settings.vocabulary.model_copy(update={"lexicons": paths})
    return settings.model_copy(update={"vocabulary": vocabulary})


def _overrides(env: Mapping[str, str]) -> dict[Key, tuple[str, Any]]:
    """The settings in the environment: key -> (variable, value)."""
    found: dict[Key, tuple[str, Any]] = {}
    for variable in sorted(env):
        if not variable.startswith(PREFIX) or variable.startswith(FOR_TESTS):
            continue
        if variable in (CONFIG, HOME):
            continue
        key: Key = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        _check_variable(variable, key)
        found[key] = (variable, _parse(env[variable], key))
    return found


def _check_variable(variable: str, key: Key) -> None:
    """Refuse a variable that sets nothing: a typing error must not leave a child unprotected."""
    if len(key) > 2 and key[0] == "models":
        return
    section = model_at(Settings, key[:-1]) if len(key) == 2 else None
    if section and key[1] in section.model_fields:
        return
    known = [
        f"{PREFIX}{name}__{each}".upper()
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        for each in field.annotation.model_fields
    ]
    text = unknown(variable, [CONFIG, HOME, *known])
    if "did you mean" not in text:
        text = "is not a known variable; docs/settings.md lists them"
    raise SettingsError(f"{variable}: {text.replace('known key', 'known variable')}")


def _parse(text: str, key: Key) -> object:
    """Read a variable as a TOML value; what is none is plain text, or names between commas."""
    if _wants_names(key) and not text.lstrip().startswith("["):
        return [name.strip() for name in text.split(",") if name.strip()]
    if _wants_text(key):
        return text
    if re.search(r"[\r\n]", text):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _annotation(key: Key) -> object:
    section = model_at(Settings, key[:-1])
    field = section.model_fields.get(str(key[-1])) if section else None
    return field.annotation if field else None


def _wants_names(key: Key) -> bool:
    kind = _annotation(key)
    return any(get_origin(each) is tuple for each in (kind, *get_args(kind)))


def _wants_text(key: Key) -> bool:
    kind = _annotation(key)
    return isinstance(kind, type) and issubclass(kind, str)


def _copy(table: dict[str, Any]) -> dict[str, Any]:
    """Copy nested tables, so that laying the environment on top leaves the document alone."""
    return {
        key: _copy(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
        for key, value in table.items()
    }


def _put(table: dict[str, Any], key: Key, value: object) -> None:
    for part in key[:-1]:
        inner = table.setdefault(str(part), {})
        if not isinstance(inner, dict):
            return  # the file has a plain value where a table belongs: validation says so
        table = inner
    table[str(key[-1])] = value


def _explain(
    error: ValidationError, document: Document | None, overrides: dict[Key, tuple[str, Any]]
) -> SettingsError:
    key, text = first_problem(error, Settings)
    for length in range(len(key), 0, -1):
        if key[:length] in overrides:
            return SettingsError(f"{overrides[key[:length]][0]}: {text}")
    if document:
        return document.problem(key, text)
    return SettingsError(f"{toml.dotted(key)}: {text}")
