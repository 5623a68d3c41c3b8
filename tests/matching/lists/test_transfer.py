import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perisai.errors import ListError, PerisaiError
from perisai.matching.clips import ClipSignature
from perisai.matching.lists import Entry, Kind, ListStore, Sharing, json_stream
from perisai.matching.lists.clip_values import clip_text
from perisai.terms import Label
from tests.matching.lists.common import digests, file_entries, hashes

ROW = hashes(1)[0].tobytes()
HEX = ROW.hex()


def clip(seed=0, count=6):
    return ClipSignature.of((row[None], 100) for row in hashes(count, seed=seed))


def full(store):
    """A list with everything a list can hold."""
    store.create(
        "full",
        source='Somebody, "quoted" — über',
        label=Label.LISTED,
        licence="CC0-1.0",
        sharing=Sharing.PUBLIC,
        expires=date(2030, 1, 31),
    )
    file = file_entries("x")[0].value
    variants = [
        Entry(Kind.PDQ, row.tobytes(), 77, f"variant, {i}", i // 2, file)
        for i, row in enumerate(hashes(4, seed=1))
    ]
    store.add(
        "full",
        [
            *file_entries("x"),
            *variants,
            Entry(Kind.PDQ, ROW),
            Entry(Kind.CLIP, clip_text(clip()).encode(), file=file),
        ],
    )


def export(store, name, form):
    return "".join(store.export_lines(name, form))


@pytest.mark.parametrize("form", ["json", "csv", "threatexchange"])
def test_a_list_comes_back_from_its_export(store, tmp_path, form):
    full(store)
    text = export(store, "full", form)
    path = tmp_path / "export"
    path.write_text(text)
    other = ListStore(tmp_path / "other")
    if form != "json":
        other.create("copy", source="", label=Label.LISTED, sharing=Sharing.PUBLIC)
    done = other.import_file("copy", path)
    assert (done.added, done.known, done.skipped, done.created) == (8, 0, 0, form == "json")
    entries = [e for _, e in store.entries("full")]
    copies = [e for _, e in other.entries("copy")]
    assert [(e.kind, e.value) for e in copies] == [(e.kind, e.value) for e in entries]
    assert export(other, "copy", form) == text.replace('"name": "full"', '"name": "copy"')
    if form != "threatexchange":
        assert copies == entries
    if form == "json":
        json.loads(text)
        assert other.get("copy").expires == date(2030, 1, 31)
        assert other.get("copy").created_at == store.get("full").created_at


def test_an_empty_list_comes_back_too(store, tmp_path):
    store.create("none", source="", label=Label.LISTED, sharing=Sharing.PUBLIC)
    for form in ("json", "csv", "threatexchange"):
        path = tmp_path / form
        path.write_text(export(store, "none", form))
        assert store.import_file("none", path).added == 0


def test_json_of_any_layout_is_read_piece_by_piece(store, tmp_path, monkeypatch):
    full(store)
    value = json.loads(export(store, "full", "json"))
    for piece in (1, 7, 1 << 16):
        monkeypatch.setattr(json_stream, "PIECE", piece)
        for number, text in enumerate((json.dumps(value), json.dumps(value, indent=3))):
            path = tmp_path / "list.json"
            path.write_text(text, encoding="utf-8-sig")
            name = f"copy-{piece}-{number}"
            assert store.import_file(name, path).added == 8
            assert json.loads(export(store, name, "json")) == {**value, "name": name}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"pdq {HEX[:-1]}", "pdq must be 64 hex digits"),
        (f"pdq {HEX[:-1]}g", "pdq must be 64 hex digits"),
        (f"pdq {HEX[:-3]} ab", "pdq must be 64 hex digits"),
        ("pdq " + "0" * 64, "flat picture"),
        ("video_md5 12", "md5 must be 32 hex digits"),
        ("url https://example.org", "'url' is not a signal type"),
        (HEX, "give their kind"),
        ("vpdq []", "no frames"),
        ("vpdq {", "vpdq must be a JSON list"),
        (f'vpdq ["{HEX},10,0.0"]', "not hashable"),
        (f'vpdq ["{HEX},100,nan"]', "not a time"),
        ("\x1b[2J", "not a signal type"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(known, tmp_path, line, why):
    path = tmp_path / "signals.txt"
    path.write_text(f"pdq {HEX}\n\n{line}\n")
    with pytest.raises(ListError, match=why) as caught:
        known.import_file("known", path)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert "Nothing was imported" in str(caught.value)
    assert known.get("known").count == 0
    done = known.import_file("known", path, skip_bad=True)
    assert (done.added, done.skipped) == (1, 1)
    assert done.problems[0].startswith(f"{path}:3: ")
    assert known.events("known")[-1].detail["skipped"] == 1


def test_bare_hashes_and_upper_case_are_read_where_their_kind_is_given(known, tmp_path):
    path = tmp_path / "md5.txt"
    path.write_text("\n".join(digests(str(i))[1].upper() for i in range(5)))
    assert known.import_file("known", path, kind=Kind.MD5).added == 5
    with known.matcher() as matcher:
        assert len(matcher.match_file(*digests("3"))) == 1
    path.write_text(f"\ufeff{HEX}\r\npdq {hashes(2)[1].tobytes().hex()}\r\n", encoding="utf-8")
    assert known.import_file("known", path, kind=Kind.PDQ).added == 2


def test_vpdq_becomes_a_clip(known, tmp_path):
    frames = [
        f"{row.tobytes().hex()},{quality},{at}"
        for row, quality, at in zip(
            hashes(4), (100, 20, 90, 80), (0.0, 0.5, 1.0, 1.25), strict=True
        )
    ]
    path = tmp_path / "vpdq.txt"
    path.write_text(f"vpdq {json.dumps(frames)}\n")
    assert known.import_file("known", path).added == 1
    ((_, entry),) = known.entries("known")
    runs = ClipSignature.from_json(entry.text).runs
    assert [run.duration_ms for run in runs] == [500, 500, 250, 250]
    assert [run.hashable for run in runs] == [True, False, True, True]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("value\n12\n", 1, "not whole"),
        ("kind,value,qualty\n", 1, "column 'qualty' is not known"),
        ("kind,value,value\n", 1, "not whole"),
        (f"kind,value\npdq,{HEX}\npdq\n", 3, "1 fields under 2 columns"),
        (f"kind,value,quality\npdq,{HEX},49\n", 2, "quality 49 is under 50"),
        (f"kind,value,quality\npdq,{HEX},good\n", 2, "quality 'good' is not a whole number"),
        (f"kind,value,picture\npdq,{HEX},-1\n", 2, "picture '-1' is not a whole number"),
        (f"kind,value,file\npdq,{HEX},12\n", 2, "file must be a SHA-256"),
        (f"kind,value\n,{HEX}\n", 2, "kind is missing"),
        (f"kind,value\ntlsh,{HEX}\n", 2, "'tlsh' is no kind of entry"),
        ('kind,value\npdq,"12"3\n', 2, "not CSV"),
    ],
)
def test_csv_says_what_is_wrong_where(known, tmp_path, text, line, why):
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(ListError, match=why) as caught:
        known.import_file("known", path, "csv")
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert known.get("known").count == 0


HEAD = (
    '{"perisai_list": 1, "name": "n", "source": "s", "label": "listed", "licence": "",\n'
    '"sharing": "public", "expires": null, "created_at": "2026-11-06T00:00:00Z", '
)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("{", 1, "not JSON"),
        ('{"perisai_list": 1}', 1, "'entries' is missing"),
        ('{"perisai_list": 2, "entries": []}', 1, "perisai_list must be 1"),
        ('{"perisai_list": 1, "name": "n", "entries": []}', 1, "description is not whole"),
        (HEAD.replace("listed", "explicit") + '"entries": []}', 2, "description is not whole"),
        (HEAD.replace("null", '"soon"') + '"entries": []}', 2, "description is not whole"),
        (HEAD + '"entries": [', 2, "not JSON"),
        (HEAD + '"entries": [\n3]}', 3, "an entry must be an object"),
        (HEAD + '"entries": [\n{"kind": "pdq"}]}', 3, "value is missing"),
        (HEAD + '"entries": [\n{"kind": "pdq", "value": 1, "x": 2}]}', 3, "'x' is not known"),
        (HEAD + '"entries": [{"kind": "clip", "value": {"version": 9}}]}', 2, "clip signature"),
        (HEAD + '"entries": []} []', 2, "behind the end"),
        (HEAD + '"entries": [], "more": 1}', 2, "last key"),
        ("{" + '"a": ' + "[" * 100_000, 1, "not JSON"),
    ],
)
def test_json_says_what_is_wrong_where(store, tmp_path, text, line, why):
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(ListError, match=why) as caught:
        store.import_file("new", path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert store.all() == []


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=100).map(lambda t: ("kind,value\n" + t).encode("utf-8", "replace")),
        st.text(max_size=100).map(lambda t: (HEAD + '"entries": [' + t).encode("utf-8", "replace")),
        st.text('[]{},:"0aeE+-.\n', max_size=60).map(lambda t: (HEAD + t).encode()),
        st.text('["0a, .', max_size=60).map(lambda t: ("vpdq [" + t).encode()),
    ),
    st.booleans(),
)
def test_anything_at_all_is_imported_or_refused_with_a_line(known, tmp_path, data, skip_bad):
    path = tmp_path / "anything"
    path.write_bytes(data)
    try:
        known.import_file("known", path, skip_bad=skip_bad)
    except PerisaiError as error:
        message = str(error)
    else:
        return
    assert str(path) in message or "the file" in message


def test_a_bomb_of_one_line_is_refused(known, tmp_path):
    path = tmp_path / "bomb"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    with pytest.raises(ListError, match="longer than 4 MB"):
        known.import_file("known", path)


def test_joining_must_not_change_what_an_entry_means_nor_who_may_have_it(store, tmp_path):
    full(store)
    path = tmp_path / "list.json"
    path.write_text(export(store, "full", "json"))
    store.create("abuse", source="", label=Label.ABUSE)
    with pytest.raises(ListError, match="another name"):
        store.import_file("abuse", path)
    path.write_text(path.read_text().replace('"public"', '"partners"'))
    with pytest.raises(ListError, match="shared with 'partners'"):
        store.import_file("full", path)
    store.edit("full", sharing=Sharing.NONE)
    assert store.import_file("full", path).known == 8


@pytest.mark.parametrize("form", ["json", "csv", "threatexchange"])
def test_what_must_not_be_shared_is_not_exported(store, form):
    store.create("own", source="", label=Label.LISTED)
    store.create("abuse", source="", label=Label.ABUSE, sharing=Sharing.PARTNERS)
    store.create("sealed", source="", label=Label.ABUSE)
    for name in ("own", "sealed"):
        with pytest.raises(ListError, match="may not be shared"):
            store.export_lines(name, form, share_abuse=True)
    with pytest.raises(ListError, match="never go into a public feed"):
        store.export_lines("abuse", form)
    assert [e for e in store.events() if e.action == "export"] == []
    list(store.export_lines("abuse", form, share_abuse=True))
    (event,) = [e for e in store.events() if e.action == "export"]
    assert event.list_name == "abuse"
    assert event.detail == {"form": form, "entries": 0}
