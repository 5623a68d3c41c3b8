"""How it will be verified, and what was found: for commitments and for requests to an agency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from perisai.desk.commitments import verifying
from perisai.desk.commitments.papers import papers
from perisai.desk.web.forms.fields import Form, choices, paragraph
from perisai.desk.web.wording import moment, say, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.desk.actors import Actor
    from perisai.desk.attachments.state import Attachment
    from perisai.desk.cases.evidence import Measure
    from perisai.desk.cases.state import Case
    from perisai.desk.commitments.verifying import Verify

BETWEEN = "|"
JUDGED = ("outcome", "before", "after", "document")
"""What a form that judges may have said."""


class Verified(Form):
    """Its last fields say how something will be verified; searches are those of ``measures``."""

    way = forms.ChoiceField(
        choices=choices("verify", verifying.KINDS), widget=forms.RadioSelect, initial="check"
    )
    search = forms.ChoiceField(required=False)
    verify = paragraph(rows=2, required=False)

    def __init__(self, *args: Any, measures: Sequence[Measure] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        found = {(each.band, each.words): None for each in measures}
        known = [
            (f"{band}{BETWEEN}{words}", f"“{words}”, {word(band, 'band')}") for band, words in found
        ]
        none = say("verify.choose") if known else say("verify.nothing-measured")
        self.fields["search"].choices = [("", none), *known]  # type: ignore[attr-defined]


def told(said: dict[str, Any]) -> dict[str, str]:
    """How it will be verified, as the domain asks for it."""
    band, _, words = said["search"].partition(BETWEEN)
    return {"kind": said["way"], "text": said["verify"], "words": words, "band": band}


class Judge(Form):
    """Kept, late or broken, with the evidence; ``outcomes`` names the words of the three."""

    name = "judge"
    outcome = forms.ChoiceField(widget=forms.RadioSelect)
    before = paragraph(rows=2)
    after = paragraph(rows=2)

    def __init__(self, *args: Any, outcomes: str = "kept", **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = choices(outcomes, verifying.OUTCOMES)  # type: ignore[attr-defined]


class JudgeSearch(Judge):
    """The same for a search: the evidence is what was measured."""

    before = forms.ChoiceField()  # type: ignore[assignment]
    after = forms.ChoiceField()  # type: ignore[assignment]

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        measures: Sequence[tuple[int, Measure]] = (),
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(number), _line(each)) for number, each in measures]
        for name, shown in (("before", known), ("after", known[::-1])):
            self.fields[name].choices = shown  # type: ignore[attr-defined]


class JudgeDocument(Judge):
    """The same for a document of the case, which shows how it is now."""

    document = forms.ChoiceField(required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        papers: Sequence[Attachment] = (),
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        known = [(each.id, f"{each.id} · {each.name}") for each in papers]
        none = say("verify.choose-document") if known else say("verify.no-document")
        self.fields["document"].choices = [("", none), *known]  # type: ignore[attr-defined]


def judging(verify: Verify, case: Case, actor: Actor) -> tuple[type[Judge], dict[str, Any]]:
    """The form that judges what is verified so, and what else it is made with."""
    measures = case.measures
    if verify.kind == "document":
        return JudgeDocument, {"papers": papers(case, actor)}
    if verify.kind != "search":
        return Judge, {}
    return JudgeSearch, {"measures": verifying.offered(measures, verify)}


def _line(measure: Measure) -> str:
    counts = say("measure.counts", shown=measure.shown, withheld=measure.withheld)
    return f"{moment(measure.at)}: {counts}"
