"""The mirror of the public pages: complete, right, and no trouble when its file is damaged, gone, or can't be written."""

import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from articles.models import Change, Edition, Stamp, Topic
from articles.public_addresses import every_address
from articles.publishing import bring_back, withdraw
from library.ready.rendering import ask
from library.ready.watching import use_own_connection
from tests.builders import ANA, NOON, a_topic, an_article, publish, published, scheduled, with_see_also
from tests.ready_pages import Clock, Ready
from tests.test_sitemap import part_of

PAGE = "/articles/coping-with-nausea/"


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch, NOON)


@pytest.fixture
def library(committing_db):
    topics = [a_topic(f"Topic {number}") for number in range(4)]
    published(with_see_also(an_article(sections=[("", "<p>Small meals help.</p>")], tags=["pain"]), topics[:2]))
    published(with_see_also(an_article("Far from it", kind="video", sections=[("", "<p>Rest.</p>")]), topics[2:]))
    return topics


@pytest.fixture
def ready(library, tmp_path, clock):
    ready = Ready(tmp_path / "ready")
    ready.keep()
    ready.look()
    return ready


def kept(ready: Ready) -> set[str]:
    return ready.keeper.mirror.kept_until(0)


def text_of(path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def off(ready: Ready) -> None:
    """As the watch finds it when the database is gone."""
    ready.front.watcher.off_since = 0.0


def test_it_holds_every_page_that_patients_can_read_for_a_day_and_more(ready, clock):
    for hours in (0, 13, 30):
        assert set(every_address(at=clock.now)) <= ready.keeper.mirror.kept_until(
            (clock.now + timedelta(hours=hours)).timestamp()
        )
    asked = len(ready.asked)
    ready.keep()
    assert len(ready.asked) == asked  # nothing is made twice


def test_all_pages_are_made_over_one_connection(library):
    opened = []

    def make():
        use_own_connection()
        for key in (PAGE, "/topics/topic-0/", "/"):
            assert ask(WSGIHandler(), key, at=NOON).status == "200 OK"
            opened.append(connection.connection)
        connection.close()

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert len(opened) == 3
    assert opened[0] is opened[1] is opened[2] is not None


def test_it_is_complete_at_the_end_though_something_changes_meanwhile(library, tmp_path, clock, monkeypatch):
    monkeypatch.setattr("library.ready.keeper.EVERY", 0)  # it looks for changes after every page
    keeper, act = Ready(tmp_path / "ready").keeper, [lambda: a_topic("Somebody writes meanwhile")]
    make = keeper.make
    monkeypatch.setattr(keeper, "make", lambda key, **before: (make(key, **before), act and act.pop()()))
    assert keeper.complete()
    assert set(every_address(at=clock.now)) <= keeper.mirror.kept_until(clock.now.timestamp() + 24 * 3600)
    assert not act


def test_an_act_makes_anew_what_it_touches_and_nothing_else(ready, library):
    before = len(ready.asked)
    whole = len(kept(ready))
    publish(Edition.objects.get(title="Coping with nausea").article, note="Changed.")
    ready.keeper.step()
    made = ready.asked[before:]
    article = Edition.objects.filter(title="Coping with nausea").first().article
    parts = {part_of(article), part_of(library[0])}
    assert set(made) == parts | {
        PAGE, f"{PAGE}see-also/", "/topics/topic-0/", "/topics/topic-1/", "/kinds/in-depth/", "/tags/pain/", "/", "/freshness/",
        "/feeds/updates/", "/sitemap.xml", "/sitemap-lists-1.xml",
        "/es/", "/es/freshness/", "/es/feeds/updates/", "/es/kinds/in-depth/",
    }  # fmt: skip
    assert len(set(made)) < whole / 2
    before = len(ready.asked)
    library[2].definition = "Another definition."
    library[2].save()
    ready.keeper.step()
    assert "/articles/far-from-it/" in ready.asked[before:]  # it links the topic, so it may explain the word
    assert not {PAGE, "/topics/topic-0/", "/kinds/in-depth/"} & set(ready.asked[before:])


def test_a_withdrawn_text_is_gone_from_memory_and_disk(ready, clock):
    ready.get(PAGE)
    article = Edition.objects.get(title="Coping with nausea").article
    withdraw(article, at=NOON, by=ANA, reason="It was wrong.")
    ready.look()
    assert ready.get(PAGE)[0] == 410  # though nobody has told the mirror yet
    ready.keeper.step()
    off(ready)
    ready.restart()
    ready.look()
    off(ready)
    status, _, body = ready.get(PAGE)
    assert (status, b"It was wrong." in body) == (410, True)
    for address in kept(ready):
        page, _ = ready.keeper.mirror.load(address, NOON.timestamp())
        assert b"Small meals" not in page.plain
    bring_back(article, at=NOON + timedelta(seconds=1), by=ANA)
    ready.look()
    clock.now += timedelta(seconds=1)
    assert ready.get(PAGE)[0] == 200


def test_what_is_scheduled_happens_without_a_database(library, tmp_path, clock):
    """An edition goes live, a page ends, a day passes, and nobody can ask the database any more."""
    soon, later = NOON + timedelta(hours=3), NOON + timedelta(hours=20)
    article = Edition.objects.get(title="Coping with nausea").article
    withdraw(article, at=NOON, by=ANA, reason="The campaign is over.", from_at=later)
    scheduled(with_see_also(an_article("A new page", kind="tool"), [library[3]]), live_at=soon)
    ready = Ready(tmp_path / "ready")
    ready.keep()
    ready.look()
    off(ready)
    asked = len(ready.asked)

    def links(of: str) -> bool:
        return b"A new page" in ready.get(of)[2]

    assert (ready.get(PAGE)[0], ready.get("/articles/a-new-page/")[0], links("/topics/topic-3/")) == (200, 503, False)
    clock.now = soon
    assert (ready.get(PAGE)[0], ready.get("/articles/a-new-page/")[0], links("/topics/topic-3/")) == (200, 200, True)
    assert links("/kinds/tool/") and links("/")
    clock.now = later
    assert (ready.get(PAGE)[0], ready.get("/articles/a-new-page/")[0]) == (410, 200)
    assert b"November 23, 2026" in ready.get("/freshness/")[2]
    assert b"Coping with nausea" not in ready.get("/kinds/in-depth/")[2]
    assert set(ready.asked[asked:]) <= {"/articles/a-new-page/"}  # and that was the calm page


def test_a_page_keeps_its_age_where_nothing_that_is_read_has_changed(ready, clock):
    modified = ready.get(PAGE)[1]["last-modified"]
    clock.now += timedelta(hours=1)
    article = Edition.objects.get(title="Coping with nausea").article
    withdraw(article, at=clock.now, by=ANA, reason="A slip.")
    bring_back(article, at=clock.now, by=ANA)
    ready.keep()
    ready.look()
    assert ready.get(PAGE)[1]["last-modified"] == modified
    topic = Topic.objects.get(slug="topic-0")
    topic.definition = "Other words."
    topic.save()
    ready.keep()
    ready.look()
    assert ready.get("/topics/topic-0/")[1]["last-modified"] > modified


def test_a_new_process_makes_up_for_what_changed_while_none_was_there(ready, clock):
    ready.get(PAGE)
    withdraw(Edition.objects.get(title="Coping with nausea").article, at=NOON, by=ANA, reason="Wrong.")
    ready.restart()
    ready.look()
    assert ready.get(PAGE)[0] == 410
    ready.restart()
    asked = len(ready.asked)
    ready.keep()
    assert "/articles/far-from-it/" not in ready.asked[asked:]  # the rest was right, and stayed


def test_another_database_has_nothing_to_do_with_the_pages(ready):
    """Such as one that was restored from a backup: its numbers may be the same."""
    Stamp.objects.update(mark="of another past")
    Change.objects.update(mark="of another past")
    Topic.objects.filter(slug="topic-0").update(definition="As it was last week.")
    ready.look()
    asked = len(ready.asked)
    assert b"As it was last week." in ready.get("/topics/topic-0/")[2]
    assert ready.get(PAGE)[0] == 200
    assert len(ready.asked) == asked + 2  # nothing of the mirror was used
    ready.keep()
    ready.look()
    asked = len(ready.asked)
    assert ready.get("/articles/far-from-it/")[0] == 200
    assert len(ready.asked) == asked


def damage_one_page(path):
    file = sqlite3.connect(path)
    with file:
        (content,) = file.execute("SELECT content FROM page WHERE key = ?", [PAGE]).fetchone()
        file.execute("UPDATE page SET content = ? WHERE key = ?", [content[:-50] + b"?" + content[-49:], PAGE])
    file.close()


def damage_the_file(path):
    for suffix in ("-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    path.write_bytes(b"This is no database." * 1_000)


def cut_the_file(path):
    for suffix in ("-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    path.write_bytes(path.read_bytes()[:5_000])


def delete_everything(path):
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("harm", [damage_one_page, damage_the_file, cut_the_file, delete_everything])
def test_a_damaged_or_deleted_file_counts_as_absent_and_is_made_anew(ready, harm):
    right = ready.get(PAGE)[2]
    harm(ready.file)
    ready.restart()
    ready.look()
    assert ready.get(PAGE)[2] == right
    ready.keeper.mirror.rests_until = 0
    ready.keep()
    ready.keeper.look_at = 0
    ready.keep()
    assert PAGE in kept(ready)
    ready.restart()
    ready.look()
    off(ready)
    assert ready.get(PAGE)[2] == right


def test_a_disk_that_is_full_stops_no_reader(ready, clock, caplog):
    """The file may not grow any more: SQLite says of it what it says of a full disk. The text is longer, however well it is
    compressed, than all that is taken out of the file meanwhile."""
    article = Edition.objects.get(title="Coping with nausea").article
    (pages,) = ready.keeper.mirror.connection.execute("PRAGMA page_count").fetchone()
    ready.keeper.mirror.connection.execute(f"PRAGMA max_page_count = {pages}")
    words = Random(1).randbytes(60_000).hex(" ", 4)
    publish(an_article("A" * 200, sections=[("", f"<p>{words}</p>")]))
    withdraw(article, at=NOON, by=ANA, reason="Wrong.")
    ready.look()
    ready.keep()
    assert "disk is full" in caplog.text
    assert ready.get(PAGE)[0] == 410
    ready.keeper.mirror.rests_until = 0  # and the connection is a new one: there is room again
    ready.keep()
    ready.keeper.look_at = 0
    ready.keep()
    assert f"/articles/{'a' * 100}/" in kept(ready)


def test_a_folder_that_can_not_be_written_stops_no_reader(library, tmp_path, clock, caplog):
    """The folder is a file: nobody can make anything in it, not even root."""
    (tmp_path / "ready").write_text("in the way")
    ready = Ready(tmp_path / "ready")
    for _ in range(2):
        ready.look()
        ready.keep()
        ready.front.mirror.rests_until = ready.keeper.mirror.rests_until = 0
        assert ready.get(PAGE)[0] == 200
    told = [record.getMessage() for record in caplog.records if "can't be used" in record.getMessage()]
    assert len(told) == 2  # once for each of both
    publish(Edition.objects.get(title="Coping with nausea").article, note="Changed.")
    ready.look()
    assert ready.front.memory.get(PAGE, clock.now.timestamp()) is None


def test_a_clock_that_is_put_back_or_forward_shows_nothing_wrong(ready, clock):
    off(ready)
    for hours, status in [(-1, 200), (-11, 200), (30, 200)]:
        clock.now = NOON + timedelta(hours=hours)
        assert ready.get(PAGE)[0] == status
        assert ready.get("/freshness/")[0] == status
    clock.now = datetime(2031, 1, 1, tzinfo=UTC)
    assert ready.get("/freshness/")[0] == 503  # its day is not known
    ready.front.watcher.off_since = None
    assert b"January 1, 2031" in ready.get("/freshness/")[2]
