"""The timer of docker-compose.yml starts each job at its time, and again on the next day."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from articles.models import Heartbeat
from library.management.commands.timer import due
from tests.conftest import PROJECT
from tests.processes import wait_until
from tests.runners import environment

TODAY, YESTERDAY = date(2026, 11, 22), date(2026, 11, 21)


@pytest.mark.parametrize(
    ("hour", "begun", "jobs"),
    [
        (2, {}, []),
        (3, {}, ["check_links"]),
        (5, {"check_links": TODAY}, []),
        (6, {"check_links": TODAY}, ["send_review_digest"]),
        (23, {}, ["check_links", "send_review_digest"]),  # started late: made up for
        (23, {"check_links": TODAY, "send_review_digest": TODAY}, []),
        (7, {"check_links": YESTERDAY, "send_review_digest": YESTERDAY}, ["check_links", "send_review_digest"]),
    ],
)
def test_daily_jobs_are_due_once_a_day_from_their_hour_on(hour, begun, jobs):
    assert due(datetime(2026, 11, 22, hour, tzinfo=UTC), begun) == jobs


@pytest.mark.usefixtures("committing_db")
def test_the_timer_runs_the_jobs_and_takes_them_along_when_it_is_stopped(tmp_path):
    at_noon = (12 - datetime.now(UTC).hour) % 24  # so many hours east it is past six, whatever the time here
    zone = f"Etc/GMT{-at_noon if at_noon <= 12 else 24 - at_noon:+d}"
    command = [sys.executable, "manage.py", "timer"]
    timer = subprocess.Popen(command, cwd=PROJECT, env=environment(tmp_path, TIME_ZONE=zone))
    try:
        jobs = {"run_due", "send_review_digest"}
        wait_until(
            lambda: jobs <= set(Heartbeat.objects.filter(ended_at__isnull=False).values_list("job", flat=True)),
            seconds=60,
        )
    finally:
        started = Path(f"/proc/{timer.pid}/task/{timer.pid}/children").read_text().split()
        timer.terminate()
        timer.wait(timeout=30)
    assert timer.returncode == 0
    assert started
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
