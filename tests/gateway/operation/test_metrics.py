from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from perisai.gateway.operation import Metrics, Timed


def values(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every sample by name and label values."""
    app = Starlette(routes=[Route("/metrics", metrics.show)])
    text = TestClient(app).get("/metrics").text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_is_counted_is_shown():
    metrics = Metrics()
    metrics.page("filter", {"pending": 3, "model_explicit": 2})
    metrics.page("allow", {})
    metrics.shared("catalogue")
    metrics.cache("pages", hit=True)
    metrics.cache("pages", hit=False)
    metrics.age_header("forged")
    metrics.report("hidden")
    shown = values(metrics)
    assert shown["perisai_pages_total", "filter"] == 1
    assert shown["perisai_withheld_total", "pending"] == 3
    assert shown["perisai_shared_total", "catalogue"] == 1
    assert shown["perisai_cache_total", "pages", "hit"] == 1
    assert shown["perisai_age_headers_refused_total", "forged"] == 1
    assert shown["perisai_reports_total", "hidden"] == 1


def test_health_and_queue_are_asked_when_read():
    metrics, state = Metrics(), {"health": "up", "waiting": 4}
    metrics.watch_upstream("wiki", lambda: state["health"])
    metrics.watch_waiting(lambda: state["waiting"])
    assert values(metrics)["perisai_upstream_up", "wiki"] == 1
    state.update(health="down", waiting=0)
    shown = values(metrics)
    assert shown["perisai_upstream_up", "wiki"] == 0
    assert shown["perisai_screening_waiting",] == 0


def test_the_documentation_lists_every_metric():
    page = Path(__file__).parents[3] / "docs" / "gateway.md"
    listed = set(re.findall(r"^\| `(perisai_\w+)`", page.read_text(encoding="utf-8"), re.MULTILINE))
    held = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in Metrics().registry.collect()
    }
    assert listed == held


def test_two_gateways_do_not_mix():
    one, other = Metrics(), Metrics()
    one.shared("a")
    assert ("perisai_shared_total", "a") not in values(other)


class TestTimed:
    def app(self, metrics: Metrics) -> TestClient:
        async def good(_request):
            return Response("x")

        async def bad(_request):
            raise ValueError("secret words")

        async def second(_request):
            return Response(status_code=404)

        routes = [
            Route("/v2/search", good), Route("/bad", bad),
            Mount("/deep", routes=[Route("/{number}", second)]),
        ]  # fmt: skip
        app = Starlette(routes=routes, middleware=[Middleware(Timed, metrics=metrics)])
        return TestClient(app, raise_server_exceptions=False)

    def test_requests_are_told_apart_by_pattern_and_never_by_address(self):
        metrics = Metrics()
        client = self.app(metrics)
        client.get("/v2/search?q=kucing&key=hidden")
        client.get("/v2/search?q=other")
        client.get("/deep/kucing")
        client.get("/nowhere/kucing")
        client.get("/bad?q=kucing")
        shown = values(metrics)
        count = "perisai_request_seconds_count"
        assert shown[count, "/v2/search", "2xx"] == 2
        assert shown[count, "/deep/{number}", "4xx"] == 1
        assert shown[count, "other", "4xx"] == 1
        assert shown[count, "/bad", "5xx"] == 1
        assert not [name for name in shown if "kucing" in str(name) or "hidden" in str(name)]

    def test_routes_that_are_added_later_count_too(self):
        metrics = Metrics()
        client = self.app(metrics)
        client.get("/v2/search")

        async def late(_request):
            return Response("y")

        client.app.router.routes.append(Route("/late", late))
        client.get("/late")
        assert values(metrics)["perisai_request_seconds_count", "/late", "2xx"] == 1
