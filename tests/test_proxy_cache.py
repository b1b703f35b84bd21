"""How long a proxy may show a page without asking: to the end of the second in which the page was known to be true."""

from datetime import timedelta

import pytest
from django.test import override_settings

from tests.builders import NOON, a_topic
from tests.ready_pages import Clock, Ready

TOLD = "x-accel-expires"
SECURE = {"x_forwarded_proto": "https"}


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch, NOON + timedelta(seconds=0.9))


@pytest.fixture
def ready(committing_db, tmp_path, clock):
    a_topic("MRI")
    ready = Ready(tmp_path)
    ready.look()
    return ready


@override_settings(BEHIND_PROXY=True)
def test_a_ready_page_may_be_shown_to_the_end_of_the_second_of_the_last_look(ready, clock):
    second = int(NOON.timestamp())
    for kept in (False, True):
        status, headers, _ = ready.get("/topics/mri/", **SECURE)
        assert (status, headers[TOLD]) == (200, f"@{second}"), kept
    assert ready.get("/topics/mri/", if_none_match=headers["etag"], **SECURE)[1][TOLD] == f"@{second}"
    clock.move(timedelta(seconds=5))  # the database does not answer meanwhile
    assert ready.get("/topics/mri/", **SECURE)[1][TOLD] == f"@{second}"
    ready.look()
    assert ready.get("/topics/mri/", **SECURE)[1][TOLD] == f"@{second + 5}"
    clock.move(timedelta(hours=-1))  # a clock that is put back must not promise an hour
    assert ready.get("/topics/mri/", **SECURE)[1][TOLD] == f"@{second + 5 - 3600}"


@override_settings(BEHIND_PROXY=True)
@pytest.mark.parametrize(
    "address", ["/search/?q=mri", "/nothing/", "/topics/nothing/", "/admin/", "/report/", "/readyz"]
)
def test_what_is_not_kept_ready_is_kept_by_no_proxy_either(ready, address):
    assert TOLD not in ready.get(address, **SECURE)[1]


@override_settings(BEHIND_PROXY=True)
def test_what_somebody_with_a_session_reads_is_kept_by_no_proxy(ready):
    assert TOLD not in ready.get("/topics/mri/", cookie=f"__Host-sessionid={'a' * 32}", **SECURE)[1]


def test_without_a_proxy_nobody_is_told(ready):
    assert TOLD not in ready.get("/topics/mri/")[1]
