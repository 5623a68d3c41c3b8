from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.errors import PolicyError, SettingsError
from perisai.settings import toml

if TYPE_CHECKING:
    from pathlib import Path

TRICKY = '''\
# [not.a.table]
top = 1   # top = 2
[plain]
a.b = "x = 1"
"quoted key" = """
[fake]
fake = 3
quote \\""" still inside
"""  # after
literal = \'\'\'
a = 1\'\'\'\'
list = [
  1,
  # comment, with ] and }
  [2, 3],
  { deep = "}]", other = 4 },
]
when = 2024-01-01T00:00:00Z

[plain.sub]  # reopened below
c = +1.5e3
[[many]]
x = 1
[[many]]
x = 2
[many.inner]
y = { p = 1, q.r = 2 }
[[many.rows]]
z = true
[ spaced . "dot.ted" ]
end = \'\'
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("top",), 2),
        (("plain",), 3),
        (("plain", "a"), 4),
        (("plain", "a", "b"), 4),
        (("plain", "quoted key"), 5),
        (("plain", "literal"), 10),
        (("plain", "list"), 12),
        (("plain", "list", 0), 13),
        (("plain", "list", 1, 1), 15),
        (("plain", "list", 2, "deep"), 16),
        (("plain", "list", 2, "other"), 16),
        (("plain", "when"), 18),
        (("plain", "sub"), 20),
        (("plain", "sub", "c"), 21),
        (("many",), 22),
        (("many", 0, "x"), 23),
        (("many", 1), 24),
        (("many", 1, "x"), 25),
        (("many", 1, "inner", "y", "q", "r"), 27),
        (("many", 1, "rows", 0, "z"), 29),
        (("spaced", "dot.ted", "end"), 31),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_finds_the_line_of_every_kind_of_key(key: toml.Key, line: int, newline: str) -> None:
    assert toml.parse(TRICKY.replace("\n", newline), "t").line(key) == line


def test_every_key_that_tomllib_finds_has_a_line() -> None:
    document = toml.parse(TRICKY, "t")
    assert set(keys(document.data)) <= set(document.lines)


def keys(value: Any, at: toml.Key = ()) -> list[toml.Key]:
    found = [at] if at else []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += keys(inner, (*at, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += keys(inner, (*at, number))
    return found


names = st.text("ab-_1", min_size=1, max_size=3)
texts = st.text(st.sampled_from("ab =[]{}#,'\"\\\n"), max_size=12)


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def long_quote(text: str) -> str:
    return '"""\n' + text.replace("\\", "\\\\").replace('"""', '""\\"') + '\n"""'


@given(st.lists(st.tuples(texts, texts, st.booleans()), max_size=6, unique_by=lambda row: row[0]))
def test_strings_never_confuse_the_scanner(rows: list[tuple[str, str, bool]]) -> None:
    text = ""
    expected = {}
    for name, value, long in rows:
        expected[(name,)] = text.count("\n") + 1
        text += f"{quote(name)} = {long_quote(value) if long else quote(value)} # {'[x]'}\n"
    tomllib.loads(text)
    assert toml.parse(text, "t").lines == expected


def test_a_missing_key_has_the_line_of_its_table() -> None:
    document = toml.parse(TRICKY, "t")
    assert document.line(("plain", "sub", "gone", 3)) == 20
    assert document.line(("nowhere",)) == 1


def test_a_problem_names_file_line_and_key() -> None:
    problem = toml.parse(TRICKY, "t.toml", PolicyError).problem(("plain", "list", 1), "is odd")
    assert isinstance(problem, PolicyError)
    assert str(problem) == "t.toml:15: plain.list[2]: is odd"
    assert toml.dotted(("a", "b c", 0)) == 'a."b c"[1]'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2\n", 2),
        ("\n\n[a]\n[a]\n", 4),
        ('a = "open\n', 1),
        ('x = 1\na = """open\n\n', 2),
        ("x = 1\na = [1,\n2\n", 3),
    ],
)
def test_text_that_is_not_toml_names_the_line(text: str, line: int) -> None:
    with pytest.raises(SettingsError, match=rf"^t:{line}: is not valid TOML: .*mend this line$"):
        toml.parse(text, "t")


def test_absurd_nesting_is_an_error_and_no_crash() -> None:
    with pytest.raises(SettingsError, match=r"nested|TOML"):
        toml.parse("a = " + "[" * 50_000 + "]" * 50_000, "t")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml: cannot be read .*check the path"):
        toml.read(tmp_path / "gone.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"a = 1\nb = '\xe9'\n")
    with pytest.raises(SettingsError, match=r"latin\.toml:2: is not UTF-8"):
        toml.read(latin)
    marked = tmp_path / "marked.toml"
    marked.write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert toml.read(marked).data == {"a": 1}
