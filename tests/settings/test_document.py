from __future__ import annotations

from pathlib import Path

import pytest

from perisai import settings
from perisai.errors import SettingsError
from perisai.settings import document
from perisai.settings.agencies import AgencySection
from perisai.settings.gateway import (
    CatalogueUpstream,
    GiphyUpstream,
    OpenverseUpstream,
    TenorUpstream,
)
from perisai.settings.kinds import Section
from perisai.settings.model import Settings
from perisai.settings.outgoing import ReceiverSection

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    """Run ``python -m perisai.settings.document > docs/settings.md`` if this fails."""
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == document.page()


def test_every_key_is_described() -> None:
    page = document.page()
    for section, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            for name in kind.model_fields:
                if name == "upstreams":
                    continue  # a table of tables; the next test looks at it
                assert f"`PERISAI_{section}__{name}`".upper() in page.upper()
        elif section == "receivers":
            for name in ReceiverSection.model_fields:
                assert f"| `{name}` |" in page.split("`[receivers.NAME]`")[1]
        elif section == "agencies":
            for name in AgencySection.model_fields:
                assert f"| `{name}` |" in page.split("`[agencies.NAME]`")[1]
        else:
            assert field.description
            assert field.description in page


def test_every_key_of_every_upstream_is_described() -> None:
    page = document.page()
    for kind in (CatalogueUpstream, TenorUpstream, GiphyUpstream, OpenverseUpstream):
        table = page.split(f"type `{kind.__name__.removesuffix('Upstream').lower()}`")[1]
        for name in kind.model_fields:
            assert f"| `{name}` |" in table.split("\n## ")[0]


def test_a_wrong_key_of_an_upstream_names_the_right_ones(tmp_path: Path) -> None:
    file = tmp_path / "perisai.toml"
    file.write_text('[gateway.upstreams.house]\ntype = "tenor"\nbase = "x"\npriwate = true\n')
    with pytest.raises(SettingsError, match=r"toml:4: gateway.upstreams.house.priwate: .*private"):
        settings.load(file, env={})
    file.write_text('[gateway.upstreams.house]\nbase = "x"\n')
    with pytest.raises(SettingsError, match=r"toml:\d: gateway.upstreams.house: needs a type"):
        settings.load(file, env={})
