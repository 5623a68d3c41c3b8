"""A real Chromium at a real ``perisai desk``: each role's day, keys, a phone, no script, axe."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from perisai.desk.permissions import Role
from tests.common import chromium
from tests.common.browsers import browsing, follow, inaccessible, press
from tests.desk.web.days import first_slice
from tests.desk.web.running import hire, signed_in, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(not chromium.binary(), reason="Chromium is not installed.")

PHONE = {"width": 360, "height": 740}
ORDER = [
    Role.CASE_OFFICER, Role.COMMISSIONER, Role.INTAKE, Role.REVIEWER, Role.AUDITOR,
    Role.ADMINISTRATOR, Role.MINISTRY, Role.PLATFORM,
]  # fmt: skip
"""Who is asked to open a page: the first who may."""
MOST_TABS = 25
FOCUSABLE = """() => { window.reached = new Set();
  addEventListener("focusin", e => reached.add(e.target));
  return all().length;
  function all() { return [...document.querySelectorAll("a[href], button, input, select, textarea,"
    + "summary, [tabindex='0']")].filter(e => e.type !== "hidden" && e.checkVisibility()); } }"""
LOST = """() => [...reached].filter(e => { const seen = e.getBoundingClientRect();
  return !seen.width || !seen.height; }).map(e => e.outerHTML.slice(0, 120))
  .concat(reached.size < 3 ? ["the Tab key leads nowhere"] : [])"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    home = tmp_path / "home"
    hire(home)
    with started(home) as address:
        yield address


@pytest.fixture
def person(browser: Browser, base: str) -> Iterator[Callable[[Role], Page]]:
    """``person(Role.INTAKE)``: the page of somebody who has signed in; always the same one."""
    known: dict[Role, Page] = {}
    wrong: list[str] = []

    def one(role: Role, **more: object) -> Page:
        if role not in known:
            page = signed_in(browser, base, role, **more)
            page.on("console", lambda m: m.type in ("error", "warning") and wrong.append(m.text))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            known[role] = page
        return known[role]

    yield one
    for page in known.values():
        page.context.close()
    wrong = [each for each in wrong if "status of 4" not in each]
    assert not wrong, "no error, and nothing that the content policy refused"


def wider(page: Page) -> int:
    """By how many pixels a page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.timeout(400)  # twenty pages, each looked over by axe
def test_the_first_slice_by_role_with_axe_at_every_step(person):
    seen, printed = [], ""
    for state, page in first_slice(person):
        assert not inaccessible(page), state
        wide = wider(page)
        assert wide <= 0, f"{state} does not fit"
        seen.append(state)
        if state == "case-published":
            printed = on_paper(page)
    assert len(seen) > 30
    assert "case-published" in seen
    for said in ("Terlihat jelas pada bingkai kedua", "Sejak kapan diketahui?", "ukur ulang"):
        assert said in printed, "also what is folded away on the screen"
    for button in ("Tulis catatan", "Simpan", "Keluar", "Aduan Kasus", "PDF (id)"):
        assert button not in printed, "nothing to click"


def test_every_page_that_needs_no_number(person):
    """Empty, and with something in it; found from the doors: a new page is looked at, too."""
    from perisai.desk.web.access import DOORS, allowed
    from perisai.desk.web.urls import urlpatterns

    assert len(urlpatterns) == len(DOORS)
    pages = [
        (f"/{each.route}", min(allowed(each.needs["GET"]), key=ORDER.index))
        for each in DOORS.values()
        if "GET" in each.needs and "<" not in each.route and "." not in each.route
        if not each.route.startswith(("sign-", "account"))
    ]
    homes = [("/", role) for role in ORDER if ("/", role) not in pages]
    for path, role in [*pages, *homes]:
        looked_at(person(role), path)
    intake = person(Role.INTAKE)
    intake.goto("/complaints/new")
    intake.fill("#enter-what", "panjang " * 40)
    sent_once(intake)
    for path, role in pages:
        if "complaint" in path or "queue" in path:
            looked_at(person(role), path)


def sent_once(page: Page) -> None:
    """Send the form of a page by two clicks, as who is impatient does."""
    posted = []
    page.on("request", lambda request: request.method == "POST" and posted.append(request.url))
    said = page.evaluate(
        """() => { const button = document.querySelector("main button.main");
        button.click(); button.click();
        return [button.form.ariaBusy, document.getElementById("said").textContent]; }"""
    )
    page.wait_for_selector("main .once")
    assert said == ["true", "Sedang dikerjakan…"]
    assert len(posted) == 1


def looked_at(page: Page, path: str) -> None:
    """A page on a desk and on a phone, with axe, and by the Tab key alone."""
    page.set_viewport_size({"width": 1180, "height": 900})
    answer = page.goto(path)
    if answer.status == 404 or "text/html" not in answer.headers["content-type"]:
        return  # it wants to be told more than its address, or is a file
    assert answer.status == 200, path
    assert not inaccessible(page), path
    page.set_viewport_size(PHONE)
    wide = wider(page)
    assert wide <= 0, f"{path} does not fit a phone"
    whole = page.evaluate(FOCUSABLE)
    for _ in range(min(whole, MOST_TABS)):
        page.keyboard.press("Tab")
    lost = page.evaluate(LOST)
    assert not lost, (path, lost)


def on_paper(page: Page) -> str:
    """What a page says when it is printed, also by who has it dark on the screen."""
    page.emulate_media(color_scheme="dark")
    data = page.pdf(format="A4")
    page.emulate_media(color_scheme="light")
    return " ".join(each.extract_text() for each in PdfReader(BytesIO(data)).pages)


def test_on_a_phone_and_in_the_dark(person, browser, base):
    def small(role: Role) -> Page:
        return person(role, viewport=PHONE, color_scheme="dark")

    for state, page in first_slice(small):
        wide = wider(page)
        assert wide <= 0, f"{state} does not fit"
        if state in ("home-reviewer", "case-published", "complaints", "letter-sent", "judging"):
            assert not inaccessible(page), state
            for each in page.locator("main button:visible, main .button:visible").all():
                assert each.bounding_box()["height"] >= 43.5, each.inner_text()


def test_without_javascript(person):
    def plain(role: Role) -> Page:
        return person(role, java_script_enabled=False)

    page = plain(Role.INTAKE)
    page.goto("/complaints/new")
    page.fill("#enter-what", "tanpa skrip")
    follow(page, "main button.main")
    follow(page, "button.seal")
    assert "Disegel untuk semua orang" in page.locator("main").inner_text()
    page.goto("/complaints")
    assert "tanpa skrip" not in page.locator("main").inner_text()


def test_one_key_seals(person):
    page = person(Role.INTAKE)
    for number in range(3):
        page.goto("/complaints/new")
        page.fill("#enter-what", f"aduan nomor {number}")
        page.keyboard.type("sss")  # in a text field they are letters
        follow(page, "main button.main")
    page.goto("/complaints")
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    assert page.locator("tr.chosen").count() == 1
    second = page.locator("tr.chosen a").inner_text()
    page.keyboard.press("Control+s")
    assert page.url.endswith("/complaints"), "a key of the browser's is left alone"
    press(page, "s")
    assert second in page.url
    assert "Disegel" in page.locator("main").inner_text()
    page.goto("/")
    page.keyboard.press("s")
    assert page.locator(".chosen").count() == 1, "with several, the first press only chooses"
    press(page, "s")
    assert "/complaints/a-" in page.url
    page.goto("/complaints?state=waiting")
    follow(page, "tbody a")
    press(page, "s")
    assert page.url.endswith("?done=sealed")
    page.goto("/complaints")
    assert page.locator("tr.sealed").count() == 3


def enter(page: Page, count: int) -> None:
    """Enter so many complaints; each has its number in its text."""
    for number in range(count):
        page.goto("/complaints/new")
        page.fill("#enter-what", f"aduan nomor {number}")
        follow(page, "main button.main")


def test_what_a_page_is_not_about_is_chosen_before_it_is_sealed(person):
    """A second press, after what was meant is sealed, must not seal the last thing that is left."""
    page = person(Role.INTAKE)
    enter(page, 2)
    page.goto("/complaints")
    for left in (2, 1):
        assert page.locator("tr[data-seal]").count() == left
        page.keyboard.press("s")
        assert page.url.endswith("/complaints")
        assert page.locator("tr.chosen").count() == 1
        press(page, "s")
        page.goto("/complaints")
    assert page.locator("tr.sealed").count() == 2


def test_the_queue_by_keys_alone(person):
    page = person(Role.INTAKE)
    enter(page, 3)
    page.goto("/queue")
    assert not inaccessible(page)
    page.keyboard.press("t")
    assert page.locator(".chosen").count() == 1, "with several, the first press only chooses"
    page.keyboard.press("j")
    press(page, "t")
    assert "aduan nomor 1" in page.locator("main").inner_text()
    assert "Anda tangani sampai" in page.locator("main").inner_text()
    page.keyboard.press("h")
    page.keyboard.type("budi")
    page.keyboard.press("Tab")
    press(page, "Enter")
    assert page.url.endswith("done=handed")
    assert "budi sedang menangani" in page.locator("main").inner_text()
    assert not inaccessible(page)
    press(page, "n")
    assert page.url.endswith("done=taken")
    assert "aduan nomor 0" in page.locator("main").inner_text()
    page.keyboard.press("?")
    assert page.locator("#keys").get_by_text("menyerahkan kepada rekan").is_visible()
    page.goto("/complaints")
    page.keyboard.press("/")
    page.keyboard.type("nomor 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=nomor*")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press("j")
    press(page, "o")
    assert "/complaints/a-" in page.url


def test_tables_are_sorted_and_filtered_in_place(person):
    page = person(Role.INTAKE)
    enter(page, 2)
    page.goto("/complaints")
    page.evaluate("window.here = true")  # gone with the page
    page.keyboard.press("j")
    page.click("#sort-received")
    page.wait_for_url("**/complaints?sort=-received")
    page.wait_for_selector("[aria-sort=descending]")
    assert page.locator(".chosen").count() == 0
    assert page.locator(":focus").get_attribute("id") == "sort-received"
    assert page.locator("#said").inner_text() == page.locator("#count").inner_text()
    page.keyboard.press("s")
    assert page.locator("tr.sealed").count() == 0, "what was chosen is no longer there"
    page.fill(".filters [name=q]", "nomor 1")
    page.click(".filters button")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert (
        page.locator("#rows a[download]").get_attribute("href").endswith("q=nomor+1&state=&source=")
    )
    assert page.evaluate("window.here"), "all that without another page"
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "aduan" not in kept, "nothing of a page"
    page.evaluate("history.back()")
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    page.wait_for_load_state()
    page.context.clear_cookies()
    with page.expect_navigation(url="**/sign-in?next=*"):
        page.click("#sort-received")


def test_a_table_without_javascript(person):
    page = person(Role.INTAKE, java_script_enabled=False)
    page.goto("/complaints")
    page.fill(".filters [name=q]", "kucing")
    follow(page, ".filters button")
    assert "q=kucing" in page.url


def test_keys_can_be_switched_off(person):
    page = person(Role.INTAKE)
    page.goto("/complaints/new")
    page.fill("#enter-what", "x")
    follow(page, "main button.main")
    page.goto("/complaints")
    follow(page, "text=Matikan")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("s")
    assert page.locator("tr.sealed").count() == 0
    assert page.locator(".chosen").count() == 0
