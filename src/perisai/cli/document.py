"""Print docs/cli.md: ``python -m perisai.cli.document > docs/cli.md``."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

import click

from perisai.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRODUCTION = """\
# The command line

<!-- Made by `python -m perisai.cli.document`; a test fails when it is out of date. -->

`perisai --help` and `perisai COMMAND --help` say the same. What holds for every command:

- Settings come from a file and the environment ([settings](settings.md)); an option lies on top of
  both. All state lives in one folder, `PERISAI_HOME`.
- Exit status 2 is bad usage, or a wrong setting, policy, list or model: one line says what to do.
  130 means stopped with Ctrl-C, 141 that nobody reads the output any more (`| head`). Each command
  names the others.
- What was asked for goes to standard output, errors to standard error. `--json` is for programs.
"""


def page() -> str:
    """The whole of docs/cli.md."""
    return "\n".join([INTRODUCTION, *_commands(cli, "perisai")])


def _commands(group: click.Group, path: str) -> Iterator[str]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if command is None or command.hidden:
            continue
        yield _section(command, f"{path} {name}", depth=path.count(" ") + 2)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


def _section(command: click.Command, path: str, depth: int) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    parts = [f"{'#' * depth} `{path}`\n", f"```console\n$ {usage}\n```\n", _text(command.help)]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        rows = [
            f"| {_names(option, context)} | {_meaning(option, context)} |" for option in options
        ]
        parts.append("\n".join(["| Option | Meaning |", "|---|---|", *rows]) + "\n")
    if command.epilog:
        parts.append(_text(command.epilog))
    return "\n".join(parts)


def _text(text: str | None) -> str:
    """Take click's own marks and line breaks out: paragraphs become lines."""
    paragraphs = inspect.cleandoc(text or "").replace("\b", "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs) + "\n"


def _names(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    return ", ".join(f"`{name}{value}`" for name in option.opts).replace("|", "\\|")


def _meaning(option: click.Option, context: click.Context) -> str:
    help_text = " ".join((option.help or "").split())
    marks = ["**required**"] if option.required else []
    marks += ["repeatable"] if option.multiple and "repeatable" not in help_text else []
    default = option.get_default(context)
    if option.show_default and default is not None and not option.is_flag:
        marks.append(f"default: `{default}`")
    told = f" ({', '.join(marks)})" if marks else ""
    return (help_text + told).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
