"""``perisai screen``: look at every frame and say who may see it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perisai.screening.names import printable
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from perisai.cli.display import Display
    from perisai.policy import Language
    from perisai.screening import Screener, ScreenResult
    from perisai.screening.service.served import Served

EPILOG = """
Exit status: 0 everything is allowed for the age band, 1 something is withheld, 2 bad usage,
3 something could not be screened (3 wins over 1). With --shadow it is always 0.
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--age-band",
    type=click.Choice([band.value for band in AgeBand]),
    help="Age band that decides the exit status.  [default: the youngest, 3-5]",
)
@click.option("--policy", help="Policy by name (id, generic) or the path of a TOML file.")
@click.option("--list", "lists", multiple=True, help="Match only this hash list (repeatable).")
@click.option("--model", "models", multiple=True, help="Use only this model (repeatable).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as files are done.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write an HTML report that opens without a server.",
)
@click.option(
    "--stills",
    is_flag=True,
    help="Put small grey blurred stills of the frames with findings into the report.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 1024), help="Decoding processes.  [default: one a core]"
)
@click.option("--every-frame", is_flag=True, help="Look at every frame, also near-identical ones.")
@click.option("--whole-picture", is_flag=True, help="Always look at the border, too.")
@click.option("--shadow", is_flag=True, help="Judge and count, but always exit with 0.")
@click.option(
    "--no-service",
    is_flag=True,
    help="Screen in this process even if `perisai service` runs; so does any option that changes "
    "how files are looked at.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "id"]),
    default="en",
    show_default=True,
    help="Language of the report.",
)
def screen(
    paths: tuple[Path, ...],
    age_band: str | None,
    policy: str | None,
    lists: tuple[str, ...],
    models: tuple[str, ...],
    as_json: bool,
    report: Path | None,
    stills: bool,
    jobs: int | None,
    every_frame: bool,
    whole_picture: bool,
    shadow: bool,
    no_service: bool,
    lang: Language,
) -> int:
    """Look at every frame that the files in PATHS display, and say who may see them.

    PATHS are files and folders (searched to the bottom, links followed; hidden files are left
    out); - reads one file from standard input.
    """
    from perisai import settings
    from perisai.cli.display import Display
    from perisai.cli.gathering import Gathered, gather
    from perisai.screening import Screener
    from perisai.screening.service.served import Served

    if stills and not report:
        raise click.UsageError("--stills needs --report FILE.")
    if report and not report.absolute().parent.is_dir():
        raise click.UsageError(f"The folder of {printable(str(report))} does not exist.")
    chosen = settings.load()
    band = AgeBand(age_band) if age_band else chosen.screening.age_band
    from_stdin = Path("-") in paths
    if from_stdin and len(paths) > 1:
        raise click.UsageError("- reads one file from standard input; name no others beside it.")
    found = Gathered() if from_stdin else gather(paths, leave_out=report)
    if found.repeats:
        click.echo(_repeats(found.repeats), err=True)
    unusual = (policy, lists, models, jobs, every_frame, whole_picture, stills)
    served = None if no_service or any(unusual) else Served.if_running(chosen)
    with served or Screener(
        chosen,
        policy=policy,
        lists=lists or None,
        models=models or None,
        jobs=jobs,
        every_frame=every_frame or None,
        whole_picture=whole_picture or None,
        stills=stills,
    ) as screener:
        display = Display(band, total=1 if from_stdin else len(found.files), as_json=as_json)
        results = _from_stdin(screener) if from_stdin else screener.screen_many(found.files)
        from perisai.screening.report import slim, write_report

        kept = _show(results, display, as_json=as_json, keep=slim if report else None)
        if report:
            write_report(kept, report, band=band, policy=screener.policy, lang=lang)
            display.note(f"Report: {printable(str(report))}")
    return 0 if shadow else _status(display)


def _show(
    results: Iterator[ScreenResult],
    display: Display,
    *,
    as_json: bool,
    keep: Callable[[ScreenResult], ScreenResult] | None,
) -> list[ScreenResult]:
    kept = []
    with display:
        for result in results:
            if as_json:
                line = json.dumps(result.to_json(), ensure_ascii=False)
                # A file name may hold bytes that are no text; they must not end the batch.
                click.echo(line.encode("utf-8", "backslashreplace"))
            display.take(result)
            if keep is not None:
                kept.append(keep(result))
    return kept


def _status(display: Display) -> int:
    if display.counts[Decision.UNSCREENABLE]:
        return 3
    return 1 if display.withheld else 0


def _from_stdin(screener: Screener | Served) -> Iterator[ScreenResult]:
    # One byte over the limit is enough for the answer that it is too large.
    yield screener.screen(sys.stdin.buffer.read(screener.limits.max_bytes + 1), name="-")


def _repeats(count: int) -> str:
    links = "1 link leads" if count == 1 else f"{count} links lead"
    return (
        f"Note: {links} to folders that are screened here under another name. "
        "Name a link itself to have results by its name, too."
    )
