"""``perisai evaluate``: measure the models on labelled material of your own."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from rich.console import Console

    from perisai.policy import Language
    from perisai.screening.evaluation.measuring import Evaluation

EPILOG = """
FOLDER holds one folder for each label: explicit, drawn_explicit, nudity, suggestive, harmless. A
CSV file with the columns path,label may stand in its place. Nothing leaves this machine, and no
picture enters the report. Exit status: 0 measured, 2 bad usage.
"""


@click.command(epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="HTML report.")
@click.option("--json", "as_json", is_flag=True, help="Everything counted, as one JSON object.")
@click.option("--policy", help="Policy by name (id, generic) or the path of a TOML file.")
@click.option("--model", "models", multiple=True, help="Use only this model (repeatable).")
@click.option(
    "--age-band",
    type=click.Choice([band.value for band in AgeBand]),
    help="Age band of the tables of verdicts.  [default: the youngest, 3-5]",
)
@click.option(
    "--want-recall",
    type=click.FloatRange(0.5, 0.9999),
    default=0.99,
    show_default=True,
    help="Share of the harmful files that the threshold advised must find.",
)
@click.option("--jobs", type=click.IntRange(1, 1024), help="Decoding processes.")
@click.option("--every-frame", is_flag=True, help="Look at every frame, also near-identical ones.")
@click.option("--whole-picture", is_flag=True, help="Always look at the border, too.")
@click.option("--lang", type=click.Choice(["en", "id"]), default="en", help="Language.")
def evaluate(
    folder: Path,
    report: Path | None,
    as_json: bool,
    policy: str | None,
    models: tuple[str, ...],
    age_band: str | None,
    want_recall: float,
    jobs: int | None,
    every_frame: bool,
    whole_picture: bool,
    lang: str,
) -> int:
    """Screen labelled files; say what is found, what is wrongly held, and which thresholds fit."""
    from perisai import settings
    from perisai.screening import Screener
    from perisai.screening.evaluation.labelled import read_labels
    from perisai.screening.evaluation.measuring import evaluate as measure

    if report and not report.absolute().parent.is_dir():
        raise click.UsageError(f"The folder of {report} does not exist.")
    files = read_labels(folder)
    chosen = settings.load()
    with Screener(
        chosen,
        policy=policy,
        models=models or None,
        jobs=jobs,
        every_frame=every_frame or None,
        whole_picture=whole_picture or None,
    ) as screener:
        from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

        console = _console(to_error=as_json)
        bar = Progress(
            *Progress.get_default_columns()[:2],
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        with bar:
            task = bar.add_task("Screening", total=len(files))
            evaluation = measure(
                files,
                screener,
                want=want_recall,
                band=AgeBand(age_band) if age_band else chosen.screening.age_band,
                progress=lambda: bar.advance(task),
            )
    _write(evaluation, folder, report, lang)
    if as_json:
        from perisai.screening.evaluation.report import to_json

        text = json.dumps(to_json(evaluation), ensure_ascii=False, allow_nan=False)
        click.echo(text.encode("utf-8", "backslashreplace"))
    else:
        _summary(console, evaluation, lang)
        if report:
            console.print(f"\nReport: {report}", markup=False, soft_wrap=True)
    return 0


def _console(*, to_error: bool) -> Console:
    from rich.console import Console

    return Console(stderr=to_error, highlight=False)


def _write(evaluation: Evaluation, folder: Path, report: Path | None, lang: str) -> None:
    if report is None:
        return
    from perisai.screening.evaluation.report import to_html

    page = to_html(
        evaluation,
        source=str(folder),
        made=datetime.now().astimezone(),
        language="id" if lang == "id" else "en",
    )
    report.write_bytes(page.encode("utf-8", "backslashreplace"))


def _summary(console: Console, evaluation: Evaluation, lang: str) -> None:
    """Print the numbers that matter most, and what to know before believing them."""
    from rich.table import Table

    from perisai.policy import BAND_NAMES
    from perisai.screening.evaluation.report import held, share_text, threshold
    from perisai.screening.evaluation.wording import WORDS, notices, percent

    language: Language = "id" if lang == "id" else "en"
    word = {key: text.into(language) for key, text in WORDS.items()}
    table = Table(
        title=f"{word['advice']}: {percent(evaluation.want, language)}", title_justify="left"
    )
    for column in (word["models"], word["label"], word["threshold"], word["recall"], word["false"]):
        table.add_column(column)
    for each in evaluation.measured:
        advice = each.advice
        table.add_row(
            each.model,
            each.label.value,
            threshold(advice.threshold),
            share_text(advice.recall, language),
            share_text(advice.false_positives, language),
        )
    if evaluation.measured:
        console.print(table)
    band = BAND_NAMES[evaluation.band].into(language)
    table = Table(title=f"{word['verdicts']}: {band}", title_justify="left")
    for column in (word["label"], word["files"], word["held"]):
        table.add_column(column)
    for label, counts in evaluation.by_label().items():
        table.add_row(label, str(counts.total()), share_text(held(counts), language))
    console.print(table)
    for text in notices(evaluation):
        console.print(f"! {text.into(language)}", markup=False, soft_wrap=True)
