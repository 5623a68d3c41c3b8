"""The tables of agencies: what stands in them decides whom we believe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai import settings
from perisai.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"issuer": "https://login.example.go.id", "client_id": "x", "secret_env": "X", "label": "X"}


def loaded(tmp_path: Path, **tables: dict[str, str]) -> settings.Settings:
    file = tmp_path / "perisai.toml"
    parts = [
        f"[agencies.{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in table.items())
        for name, table in tables.items()
    ]
    file.write_text("\n".join(parts))
    return settings.load(file, env={})


def test_an_agency(tmp_path: Path) -> None:
    known = loaded(tmp_path, kementerian=GOOD).agencies["kementerian"]
    assert known.scope == "openid"
    assert not known.here
    here = loaded(tmp_path, x={**GOOD, "issuer": "http://127.0.0.1:9000"}).agencies["x"]
    assert here.here


@pytest.mark.parametrize("issuer", [
    "http://login.example.go.id", "http://127.0.0.1.example.org", "http://localhost@x.example",
    "http://localhost.example", "https://x.example/?a=b", "https://x.example/#a", "login.example",
    "ftp://127.0.0.1", "https://a:b@x.example",
])  # fmt: skip
def test_issuers_that_are_none(tmp_path: Path, issuer: str) -> None:
    with pytest.raises(SettingsError, match="must be an https address"):
        loaded(tmp_path, x={**GOOD, "issuer": issuer})


def test_scopes_and_names(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must hold openid"):
        loaded(tmp_path, x={**GOOD, "scope": "profile"})
    for name in ("Kementerian", "a_b", "-x"):
        with pytest.raises(SettingsError, match="small letters"):
            loaded(tmp_path, **{name: GOOD})
    with pytest.raises(SettingsError, match="one issuer twice"):
        loaded(tmp_path, a=GOOD, b=GOOD)
    with pytest.raises(SettingsError, match="secret_env"):
        loaded(tmp_path, a={key: value for key, value in GOOD.items() if key != "secret_env"})
