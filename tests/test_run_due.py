"""What was scheduled is right for patients at its moment, job or no job; the job does the rest, each thing once."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from articles import publishing
from articles.job_health import job_health
from articles.models import Article, AuditEntry, Edition, Heartbeat, Mail, ScheduledAct
from articles.people import Person
from articles.running import carry_out_due
from tests.admin import signed_in
from tests.builders import ANA, NOON, YESTERDAY, a_publisher, an_article, an_author, publish, published
from tests.conftest import PROJECT
from tests.runners import NAIVE, RUN_DUE, drill, environment, slow_audit_trail
from tests.smtp_server import mail_server

pytestmark = pytest.mark.django_db

ACTS = int(os.environ.get("DRILL_ACTS", "60"))  # `make drill` sets 1,000
KILLS = int(os.environ.get("DRILL_KILLS", "6"))  # and 60
MINUTE = timedelta(minutes=1)
WENT_LIVE, ENDED, UNSCHEDULED = AuditEntry.Action.WENT_LIVE, AuditEntry.Action.ENDED, AuditEntry.Action.UNSCHEDULED


def to_go_live(title="Coping with nausea", *, due=NOON, by=ANA) -> Article:
    article = an_article(title)
    publish(article, at=YESTERDAY, live_at=due, by=by)
    return article


def to_end(title="Flu season", *, due=NOON, by=ANA) -> Article:
    article = published(an_article(title))
    publishing.withdraw(article, at=YESTERDAY, by=by, reason="The season is over.", from_at=due)
    return article


def run(at=NOON) -> list[str]:
    return [outcome.words for outcome in carry_out_due(at=at)]


def audited(*actions) -> list[tuple]:
    entries = AuditEntry.objects.filter(action__in=actions or [WENT_LIVE, ENDED, UNSCHEDULED]).order_by("id")
    return list(entries.values_list("page_title", "action"))


# What patients see asks no job.


def test_an_edition_is_live_from_its_moment_though_no_job_ever_ran(client):
    article = to_go_live(due=NOON)
    assert not Edition.objects.live(at=NOON - timedelta(microseconds=1)).filter(article=article).exists()
    assert Edition.objects.live(at=NOON).filter(article=article).exists()
    assert not Heartbeat.objects.exists()


def test_a_page_is_gone_from_its_end_though_no_job_ever_ran():
    article = to_end(due=NOON)
    assert Edition.objects.live(at=NOON - timedelta(microseconds=1)).filter(article=article).exists()
    assert not Edition.objects.live(at=NOON).filter(article=article).exists()


def test_what_patients_saw_on_a_day_is_right_though_no_job_ever_ran():
    article, next_week = to_end(due=NOON), NOON + timedelta(days=7)
    assert Edition.objects.on_day(article, YESTERDAY.date(), at=next_week).number == 1
    assert Edition.objects.on_day(article, NOON.date(), at=next_week) is None
    other = to_go_live(due=NOON)
    assert Edition.objects.on_day(other, YESTERDAY.date(), at=next_week) is None
    assert Edition.objects.on_day(other, NOON.date(), at=next_week).number == 1


def test_the_run_changes_nothing_that_patients_see():
    to_go_live("Goes live"), to_end("Ends")
    before = list(Edition.objects.public(at=NOON).values_list("title", "number"))
    run()
    assert list(Edition.objects.public(at=NOON).values_list("title", "number")) == before == [("Goes live", 1)]


# Each act once.


def test_what_is_due_is_carried_out_and_written_down_in_the_name_of_who_decided_it():
    paul = a_publisher()
    article = to_go_live(by=Person.of(paul))
    assert run(NOON + MINUTE) == ["edition 1 of “Coping with nausea” is live"]
    entry = AuditEntry.objects.get(action=WENT_LIVE)
    assert (entry.by, entry.by_account, entry.at, entry.page_id) == ("Paul Lee", paul.pk, NOON + MINUTE, article.pk)
    assert entry.summary == "edition 1"
    assert entry.changes == [{"field": "due", "before": None, "after": NOON.isoformat()}]
    assert ScheduledAct.objects.get().done_at == NOON + MINUTE


def test_an_end_is_written_down_with_its_reason():
    to_end()
    assert run() == ["“Flu season” has ended"]
    assert AuditEntry.objects.get(action=ENDED).reason == "The season is over."


def test_however_often_it_runs_each_act_is_carried_out_once():
    to_go_live(), to_end()
    assert [len(run(NOON + minutes * MINUTE)) for minutes in range(4)] == [2, 0, 0, 0]
    assert sorted(audited()) == [("Coping with nausea", WENT_LIVE), ("Flu season", ENDED)]


@pytest.mark.parametrize(("seconds", "done"), [(-1, 0), (0, 1), (1, 1)])
def test_an_act_is_due_from_its_moment_on(seconds, done):
    to_go_live(due=NOON)
    assert len(run(NOON + timedelta(seconds=seconds))) == done


def test_the_oldest_comes_first_and_equal_moments_lose_nobody():
    for number in range(3):
        to_go_live(f"Page {number}", due=NOON)
    to_go_live("Older", due=NOON - MINUTE)
    assert [title for title, _ in audited()] == []
    run()
    assert [title for title, _ in audited()] == ["Older", "Page 0", "Page 1", "Page 2"]


def test_what_was_called_off_is_not_carried_out():
    article, ending = to_go_live(), to_end()
    publishing.call_off_edition(article.editions.get(), at=YESTERDAY, by=ANA)
    publishing.call_off_end(ending, at=YESTERDAY, by=ANA)
    assert run() == []
    assert audited(WENT_LIVE, ENDED) == []


def test_what_was_carried_out_can_not_be_called_off_by_a_clock_that_is_behind():
    article = to_go_live(due=NOON)
    run()
    with pytest.raises(Exception, match="not waiting to go live any more"):
        publishing.call_off_edition(article.editions.get(), at=NOON - timedelta(seconds=1), by=ANA)
    assert Edition.objects.live(at=NOON).filter(article=article).exists()


def test_an_edition_that_was_read_and_then_withdrawn_did_go_live():
    article = to_go_live(due=NOON)
    publishing.withdraw(article, at=NOON + MINUTE, by=ANA, reason="Wrong.")
    assert run(NOON + 2 * MINUTE) == ["edition 1 of “Coping with nausea” is live"]


# A page that is withdrawn when its edition's moment comes.


def withdrawn_at_its_moment() -> Article:
    """Edition 2 is to go live at noon; at eleven the page was withdrawn."""
    article = published(an_article("Withdrawn"))
    publish(article, at=YESTERDAY, live_at=NOON, note="A new dose.")
    publishing.withdraw(article, at=NOON - 60 * MINUTE, by=ANA, reason="The advice has changed.")
    return article


def test_an_edition_of_a_withdrawn_page_is_no_success_and_says_what_to_do():
    withdrawn_at_its_moment()
    (outcome,) = carry_out_due(at=NOON)
    assert outcome.failed
    act = ScheduledAct.objects.get()
    assert (act.attempts, act.done_at) == (1, None)
    assert act.error == (
        "The page is withdrawn, so patients don’t read edition 2. Bring the page back, publish another edition, or put "
        "the article into the archive."
    )
    assert audited() == []


def test_it_is_carried_out_by_a_later_run_when_the_page_is_back():
    article = withdrawn_at_its_moment()
    run(NOON)
    publishing.bring_back(article, at=NOON + MINUTE, by=ANA)
    assert run(NOON + 2 * MINUTE) == ["edition 2 of “Withdrawn” is live"]
    act = ScheduledAct.objects.get()
    assert (act.error, act.done_at) == ("", NOON + 2 * MINUTE)
    assert audited() == [("Withdrawn", WENT_LIVE)]


def test_it_is_dropped_when_another_edition_takes_its_place_before_anybody_read_it():
    article = withdrawn_at_its_moment()
    publish(article, at=NOON + MINUTE, note="Another dose.")
    assert run(NOON + 2 * MINUTE) == [
        "edition 2 of “Withdrawn” is dropped. The page was withdrawn until another edition took its place."
    ]
    assert audited() == [("Withdrawn", UNSCHEDULED)]
    assert ScheduledAct.objects.get().error == "The page was withdrawn until another edition took its place."
    assert run(NOON + 3 * MINUTE) == []


def test_it_is_dropped_when_the_article_is_in_the_archive():
    article = withdrawn_at_its_moment()
    Article.objects.filter(pk=article.pk).update(archived_at=NOON + MINUTE)
    run(NOON + 2 * MINUTE)
    assert audited() == [("Withdrawn", UNSCHEDULED)]
    assert not ScheduledAct.objects.failed().exists()


# An act that fails, and the others.


@pytest.fixture
def refused_by_the_database(request):
    """The database takes no entry of the audit trail for one page. Call it with the title; `lift()` takes it away."""
    on_sqlite = connection.vendor == "sqlite"

    def refuse(title):
        when = f"NEW.page_title = '{title}' AND NEW.action IN ('went_live', 'ended')"
        with connection.cursor() as cursor:
            if on_sqlite:
                cursor.execute(
                    f"CREATE TRIGGER refuse BEFORE INSERT ON articles_auditentry WHEN {when} "
                    "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
                )
            else:
                cursor.execute(
                    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
                )
                cursor.execute(
                    f"CREATE TRIGGER refuse BEFORE INSERT ON articles_auditentry FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()"
                )

    def lift():
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse" + ("" if on_sqlite else " ON articles_auditentry"))

    refuse.lift = lift
    return refuse


def test_one_that_fails_is_undone_and_keeps_its_error_while_the_others_go_on(refused_by_the_database):
    to_go_live("First", due=NOON - 2 * MINUTE), to_go_live("Second", due=NOON - MINUTE), to_end("Third")
    refused_by_the_database("Second")
    outcomes = list(carry_out_due(at=NOON))
    assert [outcome.failed for outcome in outcomes] == [False, True, False]
    assert audited() == [("First", WENT_LIVE), ("Third", ENDED)]
    act = ScheduledAct.objects.get(article__title="Second")
    assert (act.done_at, act.attempts) == (None, 1)
    assert "the disk is full" in act.error
    assert "\n" not in act.error


def test_one_that_failed_is_tried_again_by_each_run_until_it_is_done(refused_by_the_database):
    to_go_live("Second")
    refused_by_the_database("Second")
    run(NOON), run(NOON + MINUTE)
    assert ScheduledAct.objects.get().attempts == 2
    refused_by_the_database.lift()
    assert run(NOON + 2 * MINUTE) == ["edition 1 of “Second” is live"]
    act = ScheduledAct.objects.get()
    assert (act.error, act.done_at) == ("", NOON + 2 * MINUTE)
    assert audited() == [("Second", WENT_LIVE)]


def test_the_command_finishes_the_others_and_then_ends_with_an_error(refused_by_the_database, capsys):
    past = timezone.now() - MINUTE
    to_go_live("First", due=past), to_go_live("Second", due=past), to_end("Third", due=past)
    refused_by_the_database("Second")
    with pytest.raises(CommandError, match=re.escape("1 of 3 acts failed; see above.")):
        call_command("run_due")
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "edition 1 of “First” is live",
        "“Third” has ended",
        "2 carried out, 0 mails sent.",
    ]
    assert said.err.startswith("“Second”, edition 1 goes live: ")


def test_nothing_due_is_said_and_no_error(capsys):
    call_command("run_due")
    assert capsys.readouterr().out == "Nothing is due.\n"


# The heartbeat, and what staff are told.


def test_every_run_leaves_a_heartbeat():
    before = timezone.now()
    call_command("run_due")
    first = Heartbeat.objects.get(job="run_due")
    assert before <= first.started_at <= first.ended_at <= timezone.now()
    call_command("run_due")
    assert Heartbeat.objects.get(job="run_due").started_at > first.started_at


def heartbeat(minutes_ago: int, *, at=NOON) -> None:
    Heartbeat.objects.update_or_create(job="run_due", defaults={"started_at": at - minutes_ago * MINUTE})


@pytest.mark.parametrize(
    ("minutes_ago", "sentence"),
    [
        (None, "has never run."),
        (1, "ran last on November 22, 2026, at 11:59 (UTC)."),
        (15, "ran last on November 22, 2026, at 11:45 (UTC)."),
        (16, "has not run for 16 minutes."),
        (150, "has not run for 2 hours."),
        (5 * 24 * 60, "has not run for 5 days."),
    ],
)
def test_staff_are_told_when_the_job_ran_last(minutes_ago, sentence):
    if minutes_ago is not None:
        heartbeat(minutes_ago)
    assert sentence in " ".join(job_health(at=NOON).sentences)


@pytest.mark.parametrize(
    ("minutes_late", "late"), [(0, 0), (4, 0), (5, 1), (60, 1)], ids=["now", "4 minutes", "5 minutes", "an hour"]
)
def test_an_act_is_late_five_minutes_after_its_moment(minutes_late, late):
    heartbeat(0)
    to_go_live(due=NOON - minutes_late * MINUTE)
    health = job_health(at=NOON)
    assert (health.late, health.needs_somebody) == (late, bool(late))


@pytest.mark.parametrize(
    ("ran", "waits", "needed"),
    [
        (1, None, False),
        (60, None, False),
        (60, "act", True),
        (60, "mail", True),
        (None, "act", True),
        (1, "mail", False),
    ],
)
def test_a_silent_job_needs_somebody_only_when_something_waits_for_it(ran, waits, needed):
    if ran is not None:
        heartbeat(ran)
    if waits == "act":
        to_go_live(due=NOON)
    if waits == "mail":
        Mail.objects.create(to="ana@example.org", subject="S", text="T", made_at=NOON)
    assert job_health(at=NOON).needs_somebody is needed


def test_a_failed_act_needs_somebody_though_the_job_runs():
    heartbeat(0)
    withdrawn_at_its_moment()
    run(NOON)
    health = job_health(at=NOON)
    assert (health.failed, health.late, health.needs_somebody) == (1, 0, True)
    assert "1 could not be carried out" in " ".join(health.sentences)


# The admin.


def page(client, path, **parameters) -> str:
    response = client.get(f"/admin/{path}", parameters)
    assert response.status_code == 200
    return response.content.decode()


def an_act_in_each_state(now):
    soon, just, long_ago = now + 60 * MINUTE, now - MINUTE, now - 60 * MINUTE
    to_go_live("Waits", due=soon)
    to_go_live("Is due", due=just)
    to_go_live("Is late", due=long_ago)
    to_go_live("Done", due=long_ago)
    to_go_live("Called off", due=soon)
    to_go_live("Dropped", due=long_ago)
    to_end("Failed", due=long_ago)
    acts = ScheduledAct.objects
    acts.filter(article__title="Done").update(done_at=just)
    acts.filter(article__title="Dropped").update(done_at=just, error="Nobody read it.")
    acts.filter(article__title="Called off").update(cancelled_at=just)
    acts.filter(article__title="Failed").update(error="The <disk> is full.", attempts=3)


@pytest.mark.parametrize(
    ("state", "title", "words"),
    [
        ("waits", "Waits", "Waits"),
        ("due", "Is due", "Due, the next run carries it out"),
        ("late", "Is late", '<strong class="went-wrong">Late</strong>'),
        ("failed", "Failed", '<strong class="went-wrong">Failed: The &lt;disk&gt; is full.</strong>'),
        ("done", "Done", "Carried out on "),
        ("called-off", "Called off", "Called off on "),
        ("dropped", "Dropped", ": Nobody read it."),
    ],
)
def test_the_schedule_shows_each_act_in_its_state_in_words(state, title, words):
    an_act_in_each_state(timezone.now())
    html = page(signed_in(), "articles/scheduledact/", state=state)
    rows = re.findall(r'<th class="field-article.*?</tr>', html, re.DOTALL)
    assert [re.search(r">([^<]+)</a>", row)[1] for row in rows] == [title]
    assert words in rows[0]


def test_the_schedule_says_above_the_list_that_the_job_has_never_run():
    html = page(signed_in(), "articles/scheduledact/")
    assert "The job that carries out the schedule has never run." in html
    assert 'class="job job-wrong"' in html


def test_the_schedule_says_when_the_job_ran_last_and_what_is_late():
    now = timezone.now()
    heartbeat(1, at=now)
    to_go_live(due=now - 6 * MINUTE), to_end(due=now - 60 * MINUTE)
    html = page(signed_in(), "articles/scheduledact/")
    assert "The job that carries out the schedule ran last on " in html
    assert "2 are late." in html


def test_a_strange_state_shows_the_whole_list():
    to_go_live()
    assert "Coping with nausea" in page(signed_in(), "articles/scheduledact/", state="no such state")


def test_nobody_can_add_change_or_delete_an_act():
    to_go_live()
    client, act = signed_in(), ScheduledAct.objects.get()
    assert client.get("/admin/articles/scheduledact/add/").status_code == 403
    assert client.post(f"/admin/articles/scheduledact/{act.pk}/change/", {"error": ""}).status_code == 403
    assert client.post(f"/admin/articles/scheduledact/{act.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "edition 1 goes live" in page(client, f"articles/scheduledact/{act.pk}/change/")


def test_the_first_page_tells_those_who_may_publish_and_nobody_else():
    to_go_live(due=timezone.now() - 60 * MINUTE)
    notice = "The schedule needs somebody"
    assert notice in page(signed_in(a_publisher()), "")
    assert notice not in page(signed_in(an_author()), "")


def test_the_first_page_says_nothing_while_all_is_well():
    heartbeat(1, at=timezone.now())
    to_go_live(due=timezone.now() + MINUTE)
    assert "job-wrong" not in page(signed_in(a_publisher()), "")


def test_the_list_of_the_schedule_costs_the_same_however_long_it_is(django_assert_max_num_queries):
    for number in range(12):
        to_go_live(f"Page {number}", due=NOON + number * MINUTE)
    client = signed_in()
    with django_assert_max_num_queries(12):
        page(client, "articles/scheduledact/")


# Going on, and stopping.


def processes() -> dict[int, tuple[int, str]]:
    """The parent and the command of every process."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines())
    return {int(row[0]): (int(row[1]), row[2]) for row in rows if len(row) == 3}


def within(seconds: float, ask):
    """What `ask` answers as soon as it is true; its last answer when that doesn't happen in time."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def is_gone(pid: int) -> bool:
    return "defunct" in processes().get(pid, (0, "defunct"))[1]


@pytest.fixture
def loop(committing_db, tmp_path):
    """A shell that has started `run_due --every 1`: the shell, the pid of the job, and what it writes."""
    log = tmp_path / "log"
    script = '"$0" manage.py run_due --every 1 & echo $!; wait'
    with log.open("w") as errors:
        shell = subprocess.Popen(
            ["sh", "-c", script, sys.executable],
            cwd=PROJECT,
            env=environment(tmp_path, PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    pid = int(shell.stdout.readline())
    assert within(20, Heartbeat.objects.filter(ended_at__isnull=False).exists), log.read_text()
    yield shell, pid, log
    for each in (shell.pid, pid):
        if not is_gone(each):
            os.kill(each, signal.SIGKILL)
    shell.wait()
    shell.stdout.close()


def test_it_goes_on_and_carries_out_what_becomes_due(loop):
    to_go_live(due=timezone.now() + timedelta(seconds=1))
    assert within(15, lambda: audited(WENT_LIVE)) == [("Coping with nausea", WENT_LIVE)]


def test_it_ends_when_it_is_told_to(loop):
    _, pid, log = loop
    os.kill(pid, signal.SIGTERM)
    assert within(10, lambda: is_gone(pid))
    assert log.read_text() == ""


def test_it_ends_when_the_process_that_started_it_is_killed(loop):
    shell, pid, _ = loop
    shell.kill()
    shell.wait()
    assert within(10, lambda: is_gone(pid))


def test_a_run_that_fails_is_logged_and_the_next_one_follows(loop):
    """Without its table the heartbeat fails, as everything does while a database is down."""
    _, _, log = loop
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE articles_heartbeat RENAME TO away")
    failed = within(15, lambda: "The run failed, the next one follows in 1 seconds" in log.read_text())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE away RENAME TO articles_heartbeat")
    assert failed
    to_go_live(due=timezone.now())
    assert within(15, lambda: audited(WENT_LIVE)) == [("Coping with nausea", WENT_LIVE)]


@pytest.mark.parametrize("every", ["0", "-1", "soon", "3601"])
def test_an_interval_that_is_none_is_refused(every):
    with pytest.raises(CommandError, match="is no number of seconds from 1 to 3600"):
        call_command("run_due", f"--every={every}")


@pytest.fixture
def serve(committing_db, tmp_path):
    """Starts `manage.py serve`, and kills it with all that it has started at the end."""
    servers = []

    def start(**more) -> subprocess.Popen:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        with (tmp_path / "log").open("w") as log:
            servers.append(
                subprocess.Popen(
                    [sys.executable, "manage.py", "serve"],
                    cwd=PROJECT,
                    env=environment(tmp_path, PORT=port, WORKERS="1", **more),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        return servers[-1]

    yield start
    for server in servers:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def jobs_of(server) -> list[int]:
    return [pid for pid, (parent, command) in processes().items() if parent == server.pid and "run_due" in command]


def is_up(server) -> bool:
    """Granian has started its worker."""
    return any(parent == server.pid and "run_due" not in command for parent, command in processes().values())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_server_starts_the_job_and_the_job_ends_with_it(serve, number):
    server = serve(RUN_DUE_EVERY="1")
    to_go_live(due=timezone.now())
    assert within(20, lambda: audited(WENT_LIVE)) == [("Coping with nausea", WENT_LIVE)]
    assert within(20, lambda: is_up(server))
    (job,) = jobs_of(server)
    os.kill(server.pid, number)
    server.wait(timeout=20)
    assert within(10, lambda: is_gone(job))


def test_it_ends_at_once_when_the_server_that_started_it_is_gone_already(committing_db, tmp_path):
    """Such as one that found its port taken, before the job could look who had started it."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    job = subprocess.run(
        [*RUN_DUE, "--every", "1", "--parent", str(gone.pid)], cwd=PROJECT, env=environment(tmp_path), timeout=30
    )
    assert job.returncode == 0


def test_a_server_may_leave_the_job_to_others(serve):
    server = serve(RUN_DUE_EVERY="0")
    assert within(20, lambda: is_up(server))
    assert jobs_of(server) == []


# The drill: runners that are killed in the middle of their work.


def due_acts(number: int) -> dict[str, str]:
    """As many acts that are due, half of them editions and half of them ends, each of a page and of a person of its own
    who gets a mail. Returns what is to be written down of each page."""
    start, expected = timezone.now() - timedelta(hours=2), {}
    for each in range(number):
        who = User.objects.create(username=f"{each}", email=f"{each}@example.org")
        make, action = (to_go_live, WENT_LIVE) if each % 2 else (to_end, ENDED)
        make(f"Page {each:04}", due=start + each // 3 * timedelta(seconds=1), by=Person.of(who))
        expected[f"Page {each:04}"] = action
    return expected


def what_happened() -> dict[str, list[str]]:
    """The actions that the audit trail has of each page, as many as there are."""
    told: dict[str, list[str]] = {}
    for title, action in audited(WENT_LIVE, ENDED):
        told.setdefault(title, []).append(action)
    return told


@pytest.fixture
def mails_to(tmp_path):
    """A mail server that takes a moment for each mail, and what a runner needs to find it and the database."""
    with mail_server() as server:
        server.seconds_for_each = 0.01
        yield server, environment(tmp_path, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(server.port), EMAIL_USE_TLS="false")


def assert_nothing_was_sent_twice(server):
    """What was killed between the server's answer and the database stays claimed; nothing else may be unsent."""
    assert Counter(server.recipients).most_common(1)[0][1] == 1
    in_doubt = Mail.objects.filter(sent_at=None)
    assert not in_doubt.filter(claimed_at=None).exists()
    assert in_doubt.count() <= KILLS
    sent = set(Mail.objects.filter(sent_at__isnull=False).values_list("to", flat=True))
    assert sent <= set(server.recipients) <= set(Mail.objects.values_list("to", flat=True))


def finish(around):
    """The run of the next minute: what was held by a runner that was killed, others have left to it."""
    subprocess.run(RUN_DUE, cwd=PROJECT, env=around, check=True, capture_output=True, timeout=300)


def test_runners_that_are_killed_at_work_lose_nothing_and_double_nothing(committing_db, tmp_path, mails_to):
    server, around = mails_to
    expected = due_acts(ACTS)
    with slow_audit_trail(0.005 if connection.vendor == "sqlite" else 0.03):
        assert drill(RUN_DUE, around, tmp_path, things=ACTS, kills=KILLS) == KILLS
        finish(around)
    assert what_happened() == {title: [action] for title, action in expected.items()}
    assert not ScheduledAct.objects.filter(done_at=None).exists()
    assert not ScheduledAct.objects.exclude(error="").exists()
    told = [re.search(r"Page \d+", subject)[0] for subject in Mail.objects.values_list("subject", flat=True)]
    assert sorted(told) == sorted(expected)
    assert_nothing_was_sent_twice(server)


def test_mails_are_never_sent_twice_though_their_senders_are_killed(committing_db, tmp_path, mails_to):
    server, around = mails_to
    server.seconds_for_each = 0.05
    at = timezone.now()
    Mail.objects.bulk_create(Mail(to=f"{each}@example.org", subject="S", text="T", made_at=at) for each in range(ACTS))
    assert drill(RUN_DUE, around, tmp_path, things=ACTS, kills=KILLS) == KILLS
    finish(around)
    assert_nothing_was_sent_twice(server)


def test_control_a_runner_that_claims_nothing_does_things_twice(committing_db, tmp_path):
    due_acts(40)
    assert drill([*NAIVE, "marks-last"], environment(tmp_path), tmp_path, things=40, kills=3) == 3
    assert max(len(actions) for actions in what_happened().values()) > 1


def test_control_a_runner_that_marks_first_loses_what_it_was_killed_at(committing_db, tmp_path):
    due_acts(40)
    alone = {"things": 40, "kills": 5, "runners": 1}  # another one would do again what was lost
    assert drill([*NAIVE, "marks-first"], environment(tmp_path), tmp_path, **alone) == 5
    done = set(ScheduledAct.objects.filter(done_at__isnull=False).values_list("article__title", flat=True))
    assert len(done) == 40
    assert done - set(what_happened())
