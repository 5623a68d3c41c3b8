"""Records into rows and back. Nothing else knows how a record lies in its table.

What reads a row raises ValueError or a kin (``steps.DAMAGED``) if it does not hold what was written
here: SQLite lets anything stand anywhere.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from perisai.screening.service.port import finding_from_json, finding_to_json
from perisai.storage import models, records
from perisai.terms import AgeBand, Label


def screened_row(record: records.Screened) -> models.Screened:
    """The row of what was found in bytes."""
    code, message = record.error or (None, "")
    return models.Screened(
        findings=[finding_to_json(finding) for finding in record.findings],
        covered=_joined(record.covered),
        error_code=code,
        error_message=message,
        **_plain(record, "findings", "covered", "error"),
    )


def screened(row: models.Screened) -> records.Screened:
    """What was found in bytes."""
    return records.Screened(
        findings=tuple(finding_from_json(each) for each in _of(list, row.findings)),
        covered=frozenset(Label(each) for each in row.covered.split()),
        error=None if row.error_code is None else (row.error_code, row.error_message),
        **_taken(row, records.Screened, "findings", "covered", "error"),
    )


def opinion_row(record: records.Opinion) -> models.Opinion:
    """The row of a person's word."""
    return models.Opinion(**_plain(record))


def opinion(row: models.Opinion) -> records.Opinion:
    """A person's word."""
    return records.Opinion(label=Label(row.label), **_taken(row, records.Opinion, "label"))


def approval_row(record: records.Approval) -> models.Approval:
    """The row of an approval."""
    return models.Approval(bands=_joined(record.bands), **_plain(record, "bands"))


def approval(row: models.Approval) -> records.Approval:
    """An approval."""
    bands = frozenset(AgeBand(each) for each in row.bands.split())
    return records.Approval(bands=bands, **_taken(row, records.Approval, "bands"))


def linked_row(record: records.Linked) -> models.Linked:
    """The row of a link."""
    return models.Linked(**_plain(record))


def linked(row: models.Linked) -> records.Linked:
    """A link between an item's rendition and its bytes."""
    return records.Linked(**_taken(row, records.Linked))


def made_row(record: records.Made) -> models.Made:
    """The row of what was made."""
    return models.Made(**_plain(record))


def made(row: models.Made) -> records.Made:
    """What was made from what."""
    return records.Made(**_taken(row, records.Made))


def key_row(record: records.ApiKey) -> models.ApiKey:
    """The row of a client's key; that it was revoked is another row."""
    dialects = " ".join(sorted(record.dialects))
    return models.ApiKey(dialects=dialects, **_plain(record, "dialects", "revoked"))


def key(row: models.ApiKey) -> records.ApiKey:
    """A client's key, with its end if there is one; ``revocation`` must be selected."""
    ended = getattr(row, "revocation", None)
    return records.ApiKey(
        band=AgeBand(row.band),
        dialects=frozenset(row.dialects.split()),
        revoked=None if ended is None else _of(datetime, ended.at),
        **_taken(row, records.ApiKey, "band", "dialects", "revoked"),
    )


def report_row(record: records.ItemReport) -> models.ItemReport:
    """The row of what somebody said of an item."""
    return models.ItemReport(item_number=record.number, **_plain(record, "number"))


def report(row: models.ItemReport) -> records.ItemReport:
    """What somebody said of an item."""
    return records.ItemReport(
        number=row.item_number,
        band=AgeBand(row.band),
        **_taken(row, records.ItemReport, "number", "band"),
    )


def upload_row(record: records.Upload) -> models.Upload:
    """The row of an upload."""
    return models.Upload(**_plain(record))


def upload(row: models.Upload) -> records.Upload:
    """An upload."""
    return records.Upload(band=AgeBand(row.band), **_taken(row, records.Upload, "band"))


def outcome_row(record: records.Outcome) -> models.Outcome:
    """The row of what became of an upload."""
    return models.Outcome(**_plain(record))


def outcome(row: models.Outcome) -> records.Outcome:
    """What became of an upload."""
    return records.Outcome(**_taken(row, records.Outcome))


def entry_row(record: records.CatalogueEntry) -> models.CatalogueEntry:
    """The row of an entry of the catalogue."""
    return models.CatalogueEntry(
        entry=record.id, tags=list(record.tags), **_plain(record, "id", "tags")
    )


def entry(row: models.CatalogueEntry) -> records.CatalogueEntry:
    """An entry of the catalogue."""
    return records.CatalogueEntry(
        id=row.entry,
        tags=tuple(_of(str, tag) for tag in _of(list, row.tags)),
        **_taken(row, records.CatalogueEntry, "id", "tags"),
    )


def _plain(record: Any, *without: str) -> dict[str, Any]:  # noqa: ANN401 - any of the records
    names = (field.name for field in fields(record))
    return {name: getattr(record, name) for name in names if name not in without}


def _taken(row: Any, kind: type, *without: str) -> dict[str, Any]:  # noqa: ANN401 - any row
    kinds = _kinds(kind).items()
    return {name: _of(of, getattr(row, name)) for name, of in kinds if name not in without}


def _of(kind: type, value: Any) -> Any:  # noqa: ANN401 - whatever stands in a row
    if not isinstance(value, kind):
        raise TypeError(f"a {kind.__name__} is needed, there is a {type(value).__name__}")
    return value


@cache
def _kinds(kind: type) -> dict[str, type]:
    """The type of each field of a record, as far as a table knows types."""
    known = {"int": int, "float": float, "bool": bool, "datetime": datetime}
    return {field.name: known.get(str(field.type), str) for field in fields(kind)}


def _joined(words: frozenset[Any]) -> str:
    return " ".join(sorted(str(word.value) for word in words))
