"""A request that is sent with a one-time link: what several tests need."""

from __future__ import annotations

import re
from contextlib import contextmanager

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.desk.public.visiting import Visitor
from tests.desk.sites import on_site

ASKED = {
    "agency": "Kementerian <b>", "what": "Pedoman penyaringan\nuntuk platform",
    "way": "check", "verify": "kami baca pedomannya", "due": "2026-12-01",
}  # fmt: skip
PAPER = b"%PDF-1.7 pedoman"


def sent(officer, case, **more):
    page = officer.send(f"/cases/{case}", "/i-1/send", how="kurir", **more)
    assert page.status_code == 201, page.content.decode()
    return re.search(r"http://[^/]+(/jawab/[\w-]+)", page.content.decode())[1]


@contextmanager
def outside(desk):
    from perisai.desk.public.here import Site

    with on_site(desk.settings, "public", PERISAI_PUBLIC=Site(desk.settings, desk.house)):
        yield Visitor()


def answer(visitor, link, text="Terbit 18 November.", files=()):
    page = visitor.get(link)
    fields = page.forms[-1] | {"do": "answer", "answer": text}
    given = [SimpleUploadedFile(name, data) for name, data in files]
    response = visitor.client.post(
        link, {**fields, "papers": given}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    return visitor._see(link, response)


def known(desk, case):
    return desk.house.case(case).improvements["i-1"]
