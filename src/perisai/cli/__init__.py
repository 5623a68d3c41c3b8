"""The command line. Each command has a module of its own, imported when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import Any

import click

from perisai import __version__
from perisai.errors import PerisaiError

COMMANDS = {
    "audit": "Verify the log of facts.",
    "backup": "Write everything that is kept into one file.",
    "catalogue": "Keep items of your own that the gateway searches.",
    "check-config": "Check the settings before gateway and desk start.",
    "desk": "Serve the desk: complaints, cases, letters and results.",
    "doctor": "Say what this machine can do, and what is missing.",
    "evaluate": "Measure the models on labelled material of your own.",
    "keys": "Keep the API keys of clients: create, list, revoke, secrets.",
    "lists": "Keep hash lists: create, add, import, export, show, remove.",
    "models": "Say which models there are.",
    "notices": "Let machines send signed notices to the public page.",
    "outbox": "Deliver what leaves the house, and say what has not arrived.",
    "patrol": "Measure what a child finds.",
    "public": "Offer the public page: help lines, complaints, results.",
    "people": "Keep the accounts of the desk: add, list, change the role, remove.",
    "query": "Say what a search asks for, and why.",
    "rebuild": "Make queues, statuses and clocks anew from the log of facts.",
    "restore": "Put a backup back into an empty home.",
    "screen": "Look at every frame and say who may see it.",
    "seed": "Lay a sample incident to try the desk with.",
    "service": "Screen for all programs of this machine, in one process.",
    "shadow": "Report what would have been withheld of uploads in shadow mode.",
    "serve": "Offer the GIF search and the upload check over HTTP.",
}


class LazyGroup(click.Group):
    """Imports ``perisai.cli.<name>`` only for ``perisai <name>``: a cold start stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the command names without importing anything."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"perisai.cli.{name}")
        command = getattr(module, name)
        if not isinstance(command, click.Command):
            raise TypeError(f"perisai.cli.{name} has no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table above, for the same reason."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", package_name="perisai")
def cli() -> None:
    """Perisai keeps pornographic GIFs, stickers and short clips away from children."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors raised on purpose become one line and exit status 2."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    try:
        status: Any = cli.main(arguments, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except PerisaiError as error:
        click.echo(f"Error: {error}", err=True)
        return 2
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has gone (`perisai screen … | head`): not an error, but quiet.
        # Click and rich have noticed it first, mostly, and ask to exit with 1: that is taken.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        click.echo(
            f"Error: {error.strerror or error}: {error.filename or 'input/output'}", err=True
        )
        return 2
    return status if isinstance(status, int) else 0
