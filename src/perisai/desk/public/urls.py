"""The addresses of the public page: Indonesian at the top, English below ``/en/``."""

from __future__ import annotations

from django.urls import include, path, re_path

from perisai.desk.public.views import appeal, complain, door, files, follow, notices, results, start

_CASE = r"(?P<key>K-[0-9]{4}-[0-9]{4,8})"
PAGES = [
    path("", start.start, name="start"),
    path("keluar", start.leave, name="leave"),
    path("aduan", complain.complain, name="complain"),
    path("kode", follow.follow, name="follow"),
    path("hasil", results.results, name="results"),
    path("hasil.json", results.results_data, name="results-data"),
    re_path(rf"^hasil/{_CASE}\Z", results.result, name="result"),
    re_path(rf"^hasil/{_CASE}\.json\Z", results.result_data, name="result-data"),
    path("jawab/<str:token>", door.door, name="door"),
    path("jawab/<str:token>/surat.pdf", door.letter, {"kind": "pdf"}, name="letter-pdf"),
    path("jawab/<str:token>/surat.docx", door.letter, {"kind": "docx"}, name="letter-docx"),
    path("jawab/<str:token>/undangan.ics", door.letter, {"kind": "ics"}, name="letter-ics"),
    path("banding", appeal.appeal, name="appeal"),
]
urlpatterns = [
    path("api/v1/notices", notices.notices),
    path("api/v1/openapi.json", notices.described),
    path("static/<str:digest>/<str:name>", files.file),
    path("en/", include((PAGES, "public"), namespace="en"), {"language": "en"}),
    path("", include((PAGES, "public"), namespace="id"), {"language": "id"}),
]
handler400 = "perisai.desk.public.views.wrong.bad"
handler403 = "perisai.desk.public.views.wrong.forbidden"
handler404 = "perisai.desk.public.views.wrong.missing"
handler500 = "perisai.desk.public.views.wrong.down"
