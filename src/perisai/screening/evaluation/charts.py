"""Charts of an evaluation, drawn by Altair and turned into SVG here: the page needs no script.

The horizontal axes are stretched near zero (square root): that is where the scores of harmless
files and the rates that matter lie.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import numpy as np

from perisai.screening.evaluation.wording import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perisai.policy import Language
    from perisai.screening.evaluation.curves import Curve
    from perisai.screening.evaluation.measuring import Measured

Row = dict[str, float | str]

FOUND, WRONG = "#b3261e", "#1f5f8b"
PALETTE = ["#b3261e", "#1f5f8b", "#7a5c00", "#3d6b35", "#6b4a8e", "#00696f", "#8a4b2f", "#555555"]
POINTS = 300
TICKS = [0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1]
BINS = 20


class Charts:
    """Draws the four charts of one model and label. ``name`` keeps ids apart on a page."""

    def __init__(self, measured: Measured, language: Language, name: str) -> None:
        self._measured = measured
        self._language: Language = language
        self._name = name

    def thresholds(self, marks: Mapping[str, float]) -> str:
        """Recall and false-positive rate over the threshold; ``marks`` are the policy's numbers."""
        curve = self._measured.curve
        words = [f"{self._measured.label}: {self._word('recall')}", self._word("false")]
        rows: list[Row] = []
        for threshold in np.linspace(0, 1, 201) ** 2:
            at = curve.at(float(threshold))
            shares = (at.found / max(curve.positives, 1), at.wrongly_held / max(curve.negatives, 1))
            rows += [
                {"x": float(threshold), "y": share, "what": word}
                for word, share in zip(words, shares, strict=True)
            ]
        lines = self._lines(rows, words, [FOUND, WRONG], "threshold", "share", step="step-before")
        return self._svg(
            lines + self._marks(marks) if marks else lines, "thresholds", "by_threshold"
        )

    def roc(self) -> str:
        """Recall over false-positive rate, for all files and for each media type."""
        rows, names = self._by_media("false_positive_rate", "recall")
        lines = self._lines(rows, names, PALETTE, "false", "recall", step="step-after")
        return self._svg(lines, "roc", "roc")

    def precision(self) -> str:
        """Precision over recall, for all files and for each media type."""
        rows, names = self._by_media("recall", "precision", skip=1)
        lines = self._lines(rows, names, PALETTE, "recall", "precision", stretched=False)
        return self._svg(lines, "pr", "pr")

    def scores(self) -> str:
        """How the scores of labelled and of harmless files spread."""
        curve = self._measured.curve
        edges = np.linspace(0, 1, BINS + 1)
        rows: list[Row] = []
        groups = ((self._measured.label.value, curve.found), (self._word("harmless"), curve.wrong))
        for word, counts in groups:
            values = np.clip(curve.thresholds[1:], 0, 1)
            heights, _ = np.histogram(values, edges, weights=np.diff(counts))
            rows += [
                {"from": a, "to": b, "y": float(h), "what": word}
                for a, b, h in zip(edges[:-1], edges[1:], heights / max(counts[-1], 1), strict=True)
            ]
        bars = (
            _chart(rows)
            .mark_bar(stroke="white", strokeWidth=0.5)
            .encode(
                x=alt.X("from:Q", title=self._word("score"), bin="binned"),
                x2="to:Q",
                y=alt.Y("y:Q", title=self._word("share"), axis=alt.Axis(format="%", tickCount=4)),
                color=_colour([word for word, _ in groups], [FOUND, WRONG], legend=False),
            )
            .properties(width=430, height=100)
        )
        facets = bars.facet(
            row=alt.Row("what:N", title=None, sort=[word for word, _ in groups], header=_HEADER),
            spacing=14,
        )
        return self._svg(facets, "scores", "scores")

    def _by_media(self, x: str, y: str, skip: int = 0) -> tuple[list[Row], list[str]]:
        curves = {self._word("all_media"): self._measured.curve}
        if len(self._measured.by_media) > 1:
            curves |= self._measured.by_media
        rows: list[Row] = []
        for word, curve in curves.items():
            chosen = _thin(curve, skip)
            xs, ys = getattr(curve, x)[chosen], getattr(curve, y)[chosen]
            rows += [
                {"x": float(a), "y": float(b), "what": word, "order": float(i)}
                for i, (a, b) in enumerate(zip(xs, ys, strict=True))
            ]
        return rows, list(curves)

    def _lines(
        self,
        rows: list[Row],
        names: Sequence[str],
        colours: Sequence[str],
        x: str,
        y: str,
        *,
        step: Literal["linear", "step-before", "step-after"] = "linear",
        stretched: bool = True,
    ) -> Any:  # noqa: ANN401 - Altair's types do not say
        scale = alt.Scale(domain=[0, 1], type="sqrt" if stretched else "linear")
        axis = alt.Axis(format="~%" if x != "threshold" else "~g", **_ticks(stretched=stretched))
        chart = (
            _chart(rows)
            .mark_line(interpolate=step)
            .encode(
                x=alt.X("x:Q", title=self._word(x), scale=scale, axis=axis),
                y=alt.Y(
                    "y:Q",
                    title=self._word(y),
                    scale=alt.Scale(domain=[0, 1]),
                    axis=alt.Axis(format="%", tickCount=5),
                ),
                color=_colour(names, colours, legend=len(names) > 1),
                strokeWidth=alt.condition(
                    alt.datum["what"] == names[0], alt.value(2.5), alt.value(1.3)
                ),
                order="order:Q" if "order" in rows[0] else alt.Undefined,
            )
        )
        return alt.layer(chart).properties(width=430, height=250)

    def _marks(self, marks: Mapping[str, float]) -> Any:  # noqa: ANN401 - as above
        layers = []
        for number, (word, value) in enumerate(marks.items()):
            # The lower of two numbers has its words on the left, away from the other one's line.
            side: Literal["left", "right"] = "right" if number + 1 < len(marks) else "left"
            base = _chart([{"x": value, "text": f"{word} {value:g}"}]).encode(x="x:Q")
            layers += [
                base.mark_rule(strokeDash=[4, 3], color="#444"),
                base.mark_text(align=side, dx=-5 if side == "right" else 5, color="#444").encode(
                    text="text:N", y=alt.value(100 + 14 * number)
                ),
            ]
        return alt.layer(*layers)

    def _word(self, key: str) -> str:
        return WORDS[key].into(self._language)

    def _svg(self, chart: Any, kind: str, title: str) -> str:  # noqa: ANN401 - as above
        stream = io.StringIO()
        styled = chart.configure(font="Helvetica, Arial, sans-serif", background="white")
        styled = styled.configure_view(stroke="#ccc").configure_axis(
            gridColor="#eee", labelColor="#333", titleColor="#333", titleFontWeight="normal"
        )
        styled.save(stream, format="svg")
        return inline(stream.getvalue(), f"{self._name}-{kind}", self._word(title))


def _chart(rows: list[Row]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


_HEADER = alt.Header(labelOrient="top", labelAnchor="start", labelFontWeight="bold")


def _ticks(*, stretched: bool) -> dict[str, Any]:
    return {"values": TICKS, "labelOverlap": True} if stretched else {"tickCount": 5}


def _colour(names: Iterable[str], colours: Sequence[str], *, legend: bool) -> alt.Color:
    names = list(names)
    scale = alt.Scale(domain=names, range=[colours[i % len(colours)] for i in range(len(names))])
    shown = alt.Legend(title=None, orient="bottom", labelLimit=400, columns=4) if legend else None
    return alt.Color("what:N", scale=scale, legend=shown)


def _thin(curve: Curve, skip: int) -> list[int]:
    """At most POINTS places on the curve, its ends among them."""
    count = len(curve.thresholds) - skip
    step = max(1, -(-count // POINTS))
    return sorted({*range(skip, len(curve.thresholds), step), len(curve.thresholds) - 1})


def inline(svg: str, name: str, title: str) -> str:
    """Make an SVG fit to stand beside others: ids of its own, words for a screen reader."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
