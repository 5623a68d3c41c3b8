"""What the domain refuses is said in Indonesian, too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import perisai.desk
from perisai.desk.refusals import in_indonesian, translated

FOLDER = Path(perisai.desk.__file__).parent
REFUSALS = ("NotYet", "NotAllowed", "Outdated")


def pattern(node: ast.expr) -> str | None:
    """A text as it stands in the code, with {} where something is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
    return None


def refusals() -> set[str]:
    found = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in REFUSALS and node.args:
                found.add(pattern(node.args[0]))
            elif name == "_needed":
                found.add(pattern(node.args[1]))
    return found - {None, "{}"}


def test_every_refusal_is_translated():
    assert sorted(refusals() - translated()) == []


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("Write a title.", "Tulis judul."),
        ("There is no case K-2026-0001.", "Tidak ada kasus K-2026-0001."),
        ("intake may not do this.", "Peran intake tidak boleh melakukan ini."),
        ("Nobody without an account may not do this.",
         "Peran tanpa akun tidak boleh melakukan ini."),
        ("Something that nobody has translated", "Something that nobody has translated"),
    ],
)  # fmt: skip
def test_refusals(english, indonesian):
    assert in_indonesian(english) == indonesian
