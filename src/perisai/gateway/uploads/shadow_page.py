"""The report of shadow mode as one page that opens without a server, in English and Indonesian."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from perisai.gateway.uploads.shadow import DECISIONS, withheld
from perisai.gateway.uploads.standing import UNSCREENED
from perisai.policy import BAND_NAMES, Text
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from datetime import date, datetime

    from perisai.gateway.uploads.shadow import Shadow
    from perisai.policy import Language

WORDS = {
    "title": Text("What would have been withheld", "Yang akan ditahan"),
    "clients": Text("Keys", "Kunci"),
    "since": Text("From (UTC)", "Sejak (UTC)"),
    "made": Text("Made", "Dibuat"),
    "judged": Text("uploads judged", "unggahan diperiksa"),
    "would": Text("would have been withheld", "akan ditahan"),
    "unscreened": Text(
        "were lost before anybody looked, and count in no share",
        "hilang sebelum diperiksa, dan tidak dihitung dalam bagian mana pun",
    ),
    "none": Text(
        "Nothing was judged in shadow mode in this time.",
        "Tidak ada yang diperiksa dalam mode bayangan pada waktu ini.",
    ),
    "rule": Text("By rule", "Menurut aturan"),
    "band": Text("By age band", "Menurut kelompok usia"),
    "type": Text("By media type", "Menurut jenis media"),
    "day": Text("By day (UTC)", "Menurut hari (UTC)"),
    "uploads": Text("Uploads", "Unggahan"),
    "share": Text("Withheld", "Ditahan"),
    "decision": Text("Decision", "Keputusan"),
    "unknown": Text("unknown", "tidak dikenal"),
    "reading": Text(
        "In shadow mode everything is judged and nothing is withheld, but for matches on a child "
        "abuse list, which are always withheld and counted here as block. An upload sent again "
        "under the same idempotency key counts once. Nothing here tells of a single upload.",
        "Dalam mode bayangan semuanya diperiksa dan tidak ada yang ditahan, kecuali yang cocok "
        "dengan daftar kekerasan seksual terhadap anak, yang selalu ditahan dan di sini dihitung "
        "sebagai block. Unggahan yang dikirim ulang dengan kunci idempotensi yang sama dihitung "
        "sekali. Tidak ada yang menunjuk pada satu unggahan tertentu.",
    ),
}
COLOURS = {
    Decision.ALLOW.value: "#b9c7b4",
    Decision.REVIEW.value: "#d9a441",
    Decision.WITHHOLD.value: "#b3261e",
    Decision.UNSCREENABLE.value: "#6b4a8e",
    Decision.BLOCK.value: "#4a0d09",
    UNSCREENED: "#999999",
}


def share(decisions: Counter[str], language: Language = "en") -> str:
    """The share of the judged that would have been withheld, as in ``2.5%``."""
    judged = decisions.total() - decisions[UNSCREENED]
    if not judged:
        return "–"  # noqa: RUF001 - a dash for "nothing to count"
    text = f"{100 * withheld(decisions) / judged:.1f}%"
    return text.replace(".", ",") if language == "id" else text


def to_html(found: Shadow, *, since: date, made: datetime, language: Language = "en") -> str:
    """One page, with a chart that needs no script."""
    t = {key: text.into(language) for key, text in WORDS.items()}
    environment = Environment(
        loader=PackageLoader("perisai.gateway"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    bands = {
        BAND_NAMES[AgeBand(name)].into(language): n
        for name, n in found.by_band.items()
        if name in set(AgeBand)
    }
    tables: dict[str, Mapping[str, Counter[str]]] = {
        t["rule"]: dict(sorted(found.by_rule.items())),
        t["band"]: bands,
        t["type"]: {
            t["unknown"] if name == "unknown" else name: n
            for name, n in sorted(found.by_type.items())
        },
        t["day"]: {day.isoformat(): n for day, n in sorted(found.by_day.items())},
    }
    return environment.get_template("shadow.html.j2").render(
        language=language,
        t=t,
        found=found,
        since=since.isoformat(),
        made=made.strftime("%Y-%m-%d %H:%M"),
        decisions=[name for name in DECISIONS if found.total[name]],
        tables=tables,
        chart=_chart(found, language) if found.total else "",
        unscreened=found.total[UNSCREENED],
        share=lambda decisions: share(decisions, language),
    )


def _chart(found: Shadow, language: Language) -> str:
    """Bars of every day, by decision, as SVG."""
    import altair as alt  # noqa: PLC0415 - slow to load, and only a page needs it

    from perisai.screening.evaluation.charts import inline  # noqa: PLC0415 - loads Altair

    rows: list[dict[str, Any]] = [
        {"day": day.isoformat(), "n": decisions[name], "what": name, "order": order}
        for day, decisions in sorted(found.by_day.items())
        for order, name in enumerate(DECISIONS)
        if decisions[name]
    ]
    names = [name for name in DECISIONS if found.total[name]]
    scale = alt.Scale(domain=names, range=[COLOURS[name] for name in names])
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("day:O", title=None, axis=alt.Axis(labelAngle=-45, labelOverlap=True)),
            y=alt.Y("n:Q", title=WORDS["uploads"].into(language), axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("what:N", scale=scale, legend=alt.Legend(title=None, orient="bottom")),
            order="order:Q",
        )
        .properties(width=760, height=240)
        .configure(font="Helvetica, Arial, sans-serif", background="white")
        .configure_view(stroke="#ccc")
    )
    stream = io.StringIO()
    chart.save(stream, format="svg")
    return inline(stream.getvalue(), "days", WORDS["day"].into(language))
