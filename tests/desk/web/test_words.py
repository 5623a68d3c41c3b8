"""Every word that the desk says is there in both languages, and every one that is there is said."""

from __future__ import annotations

import re
import string
from pathlib import Path

import perisai.desk.web
from perisai.desk.appeals import domain as appeals
from perisai.desk.cases import links
from perisai.desk.cases.domain import AUDIENCES, OUTCOMES
from perisai.desk.cases.state import Case
from perisai.desk.commitments import verifying
from perisai.desk.complaints.domain import BY_MACHINE, FIELDS, KINDS, SOURCES, WISHES
from perisai.desk.events import Event
from perisai.desk.figures.counting import COLUMNS
from perisai.desk.improvements import domain as asking
from perisai.desk.listing import state as listing
from perisai.desk.looks import services
from perisai.desk.outbox.contents import MAKERS
from perisai.desk.outbox.state import ORDER
from perisai.desk.people import domain
from perisai.desk.permissions import Role
from perisai.desk.previews import domain as previews
from perisai.desk.procedures import LANGUAGES
from perisai.desk.summons import replies
from perisai.desk.triage import likeness, queue
from perisai.desk.triage.urgency import BANDS, LEVELS, WEIGHTS
from perisai.desk.web import browsers, forms, unsealing
from perisai.desk.web.views import (
    agencies,
    cases,
    complaints,
    figures,
    improvements,
    outbox,
    outcomes,
    referrals,
    summons,
)
from perisai.desk.web.wording import words
from perisai.desk.withholding import domain as withholding
from perisai.terms import Decision, Label, Source

FOLDER = Path(perisai.desk.web.__file__).parent
TEXTS = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.html")}
CODE = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")}
OF_CASES = [
    each
    for each in Event
    if not each.startswith(
        ("account", "appeal", "look", "complaint", "identity", "outbox", "person")
    )
]
VALUES = {
    "look": services.KINDS,
    "other-way": ("reauthenticate", "mfa_reauthenticate", "mfa_reauthenticatewebauthn", "agency"),
    "agency-why": agencies.WHYS,
    "people-what": (
        domain.ADD, domain.ROLE, domain.RESET, domain.CLOSE, domain.BIND, domain.UNBIND,
    ),
    "browser": (browsers.UNKNOWN, *dict(browsers.KINDS), *dict(browsers.SYSTEMS)),
    "role": Role, "status": cases.STATUSES, "standing": summons.STANDINGS, "outcome": OUTCOMES,
    "kept": outcomes.OUTCOMES, "verify": verifying.KINDS,
    "asked": (improvements.LATE, *asking.STANDINGS),
    "audience": AUDIENCES, "band": BANDS, "decision": Decision,
    "label": [each for each in Label if each is not Label.ABUSE], "finding-source": Source,
    "source": SOURCES, "state": complaints.STATES, "told": (*FIELDS, *BY_MACHINE, *KINDS, *WISHES),
    "appeal-outcome": appeals.OUTCOMES,
    "clock-standing": ("running", "soon", "late", "paused", "met"),
    "result-standing": ("draft", "approved", "published"), "how": ("link", "account"),
    "same": ("yes", "no"), "tongue": LANGUAGES, "objection": replies.OUTCOMES,
    "outbox-standing": (outbox.RED, *ORDER), "outbox-kind": MAKERS,
    "referral": referrals.STANDINGS, "seal-cause": unsealing.CAUSES,
    "urgency": LEVELS, "reason": WEIGHTS, "held": queue.HELD,
    "column": set().union(*COLUMNS.values()), "figure": figures.NAMES, "figure-text": figures.NAMES,
    "named": links.KINDS,
    "bar": ("late", "soon", "running", "same", "other"),
    "likeness": (likeness.PLACE, likeness.TOPIC, likeness.WORDS), "queue-sort": queue.SORTS,
    "gateway": withholding.CHOICES, "listing": listing.STANDINGS,
    "listing-why": (listing.CLAIM, listing.FREED),
    "preview-step": range(1, previews.OTHERS + 1), "preview-next": range(1, previews.OTHERS + 1),
    "preview-gone": previews.REASONS,
    "event": [each.replace(".", "-") for each in OF_CASES],
}  # fmt: skip
"""Sections of which the values come from elsewhere."""


def of_forms() -> set[str]:
    said = set()
    for kind in vars(forms).values():
        if isinstance(kind, type) and issubclass(kind, forms.Form) and kind.name:
            for name, field in kind.base_fields.items():
                if field.widget.is_hidden:
                    continue
                special = f"field.{kind.name}-{name}"
                said |= {special if special in words() else f"field.{name}"}
                said |= {f"hint.{kind.name}-{name}"} & set(words())
    return said


def said() -> set[str]:
    found = {f"{section}.{value}" for section, known in VALUES.items() for value in known}
    for text in TEXTS.values():
        found |= set(re.findall(r'say "([a-z_.-]+)"', text))
        for label, button in re.findall(r'{% panel \S+ "[a-z-]+" "([a-z.-]+)" "([a-z.-]+)"', text):
            found |= {label, button}
        found |= set(re.findall(r'{% button \S+ "[a-z-]+" "([a-z.-]+)"', text))
        found |= {f"done.{each}" for each in re.findall(r"\?done=([a-z-]+)", text)}
    for text in CODE.values():
        found |= set(re.findall(r'\bsay(?:_later)?\("([a-z_.-]+)"', text))
        found |= {f"column.{each}" for each in re.findall(r'Column\("([a-z-]+)"', text)}
        found |= {f"done.{each}" for each in re.findall(r'(?:done="|\?done=)([a-z-]+)', text)}
        found |= {f"done.{each}" for each in re.findall(r'to_case\([^,]+, "([a-z-]+)"', text)}
        found |= {f"home.{each}" for each in re.findall(r'made.append\(\("([a-z-]+)"', text)}
        for name in re.findall(r'_lone\("([a-z.-]+)"', text):
            found |= {f"{name}{end}" for end in ("", "-text", "-button")} & set(words())
        for kind in re.findall(r'_page\(request, "([a-z-]+)"', text):
            found |= {f"error.{kind}", f"error.{kind}-next"}
    found |= {f"error.{kind}{end}" for kind in ("outdated", "not-yet") for end in ("", "-next")}
    clocks = ("result", "reply", "objection", "commitment", "improvement")
    found |= {f"clock.{kind}" for kind in clocks}
    found |= {"done.sealed", "done.screened"}  # one of the two
    found |= {"done.withheld", "done.freed", "done.gateway-waits"}  # one of the three
    found |= {"done.list-agreed", "done.list-again"}  # one of the two
    return (found - {"home."}) | of_forms()


def test_no_word_is_missing():
    assert sorted(said() - set(words())) == []


def test_no_word_is_left_over():
    assert sorted(set(words()) - said()) == []


def test_both_languages_fill_in_the_same():
    formatter = string.Formatter()
    for name, texts in words().items():
        assert all(each.strip() == each and each for each in texts), name
        gaps = [{field for _, field, _, _ in formatter.parse(each) if field} for each in texts]
        assert gaps[0] == gaps[1], name


def test_every_status_that_a_case_can_have_has_a_word():
    """The property is asked, not the list: what it may return stands in its code."""
    import inspect

    source = inspect.getsource(Case.status.fget)
    found = set(re.findall(r'"([a-z-]+)"', source)) | {"not-confirmed", "unclear"}
    assert found == set(cases.STATUSES) | ({"open"} & found)
