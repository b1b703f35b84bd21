"""The stamp moves with every change that patients can see, in its transaction, and says what changed."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from articles import changes, publishing, translations
from articles.changes import EVERYTHING, Position, position, since, touched
from articles.migrations import _changes
from articles.models import Article, Change, Stamp, Synonym, Tag, Topic
from tests.builders import ANA, NOON, a_topic, an_article, publish, published, reviewed, scheduled, with_see_also
from tests.test_library_pages import many_topics
from tests.verbs import TOMORROW


def changed_by(act) -> set[str]:
    before = position()
    act()
    after = position()
    assert (after != before) == (after.number > before.number)
    return since(before, after)


@pytest.fixture
def pages(committing_db):
    """The article 1 with links to a topic and to the article 2, and all their keys."""
    topic, other = a_topic(), published(an_article("Another page"))
    article = published(with_see_also(an_article(about=[topic], tags=["pain"]), [topic, other]))
    return article, other, topic


def test_every_act_that_patients_can_see_moves_it_and_says_what_changed(pages):
    article, other, topic = pages
    a, b, t = article.pk, other.pk, topic.pk
    tag = Tag.objects.get()

    def move(page):
        edit(page, slug=f"moved-{page.slug}")

    def edit(page, **fields):
        page.refresh_from_db()
        for name, value in fields.items():
            setattr(page, name, value)
        page.save()

    for act, keys in [
        (lambda: publish(article, note="New."), {f"article:{a}", f"link:article:{a}"}),
        (lambda: reviewed(article), {f"review:{a}"}),
        (lambda: publishing.withdraw(other, at=NOON, by=ANA, reason="Old."), {f"article:{b}", f"link:article:{b}"}),
        (lambda: publishing.bring_back(other, at=NOON + timedelta(hours=1), by=ANA), {f"article:{b}", f"link:article:{b}"}),
        (lambda: move(article), {f"article:{a}", f"link:article:{a}", "redirects"}),
        (lambda: edit(article, title="Draft", deck="A draft that nobody reads yet."), set()),
        (lambda: edit(article, live_from=NOON, changed_from=NOON), set()),  # for the review desk alone
        (lambda: edit(topic, definition="Better."), {f"topic:{t}", f"words:topic:{t}"}),
        (lambda: edit(topic, source="A dictionary."), {f"topic:{t}"}),
        (lambda: edit(topic, kind="video"), {f"topic:{t}", f"name:topic:{t}", f"words:topic:{t}", "kind:test", "kind:video"}),
        (lambda: edit(topic, slug="moved"), {f"topic:{t}", f"link:topic:{t}", "redirects"}),
        (lambda: topic.tags.add(tag), {f"topic:{t}", f"name:topic:{t}", f"tag:{tag.pk}"}),
        (lambda: topic.other_names.create(name="BS"), {f"topic:{t}", f"words:topic:{t}"}),
        (lambda: edit(tag, name="ache"), {EVERYTHING}),
        (lambda: edit(tag, name_es="dolor"), {EVERYTHING}),
        (lambda: edit(other, translation_of=article), {f"article:{b}", f"translations:article:{a}", f"translations:article:{b}"}),
        (lambda: edit(other, language="es"), {f"article:{b}", f"link:article:{b}", "redirects"}),
        (lambda: Synonym.objects.create(words="chemo", meaning="chemotherapy", sort="lay_term"), {"search"}),
        (lambda: Topic.objects.filter(pk=t).update(definition="By a script."), {f"topic:{t}", f"words:topic:{t}"}),
        (lambda: Article.objects.filter(pk=a).update(next_review_on=NOON.date()), {f"review:{a}"}),
    ]:  # fmt: skip
        assert {key for key in changed_by(act) if not key.startswith("edition:")} == keys


def test_a_change_touches_the_pages_that_print_it_and_no_others(pages):
    article, other, topic = pages
    far = a_topic("Far away", kind="video")
    published(with_see_also(an_article("Far from here", kind="video"), [far]))
    keys = touched({f"article:{article.pk}"})
    assert {f"topic:{topic.pk}", "kind:in_depth", f"tag:{Tag.objects.get().pk}", "articles"} <= keys
    assert not {f"topic:{far.pk}", "kind:video", f"article:{other.pk}", f"link:article:{other.pk}", "topics"} & keys
    beside = a_topic("Beside it")
    publish(with_see_also(an_article("Both"), [topic, beside]))
    assert f"topic:{beside.pk}" in touched({f"name:topic:{topic.pk}"})
    assert f"topic:{beside.pk}" not in touched({f"topic:{topic.pk}"})


def test_a_version_in_one_language_touches_the_others(committing_db):
    original, topic = published(an_article()), a_topic()
    spanish = published(an_article("Náuseas", language="es", translation_of=original))
    spanish_topic = a_topic("Gammagrafía", language="es", translation_of=topic)
    for page, family in [
        (original, f"translations:article:{original.pk}"),
        (spanish, f"translations:article:{original.pk}"),
        (topic, f"translations:topic:{topic.pk}"),
        (spanish_topic, f"translations:topic:{topic.pk}"),
    ]:
        assert family == translations.key(page)
        assert family in touched(
            changed_by(lambda page=page: publishing.withdraw(page, at=NOON, by=ANA, reason="Old."))
        )
    keys = changed_by(lambda: Article.objects.filter(pk=spanish.pk).update(translation_of=None))
    assert f"translations:article:{original.pk}" in keys


def test_a_transaction_that_is_rolled_back_moves_nothing(pages):
    article, *_ = pages

    def rolled_back():
        with transaction.atomic():
            publish(article, note="New.")
            transaction.set_rollback(True)

    assert changed_by(rolled_back) == set()
    assert not Change.objects.filter(number=None).exists()


def test_a_change_of_many_rows_is_one_change(committing_db):
    """Of 20,000 rows in one transaction: tests/test_sitemap.py, under the bounds that statements have."""

    def write():
        with transaction.atomic():
            many_topics(3_000)
            Topic.objects.update(definition="Better.")

    before = position()
    keys = changed_by(write)
    assert keys == {
        f"{sort}:{pk}" for pk in Topic.objects.values_list("pk", flat=True) for sort in ("topic", "words:topic")
    }
    if connection.vendor == "postgresql":
        assert position().number == before.number + 1


def test_what_is_scheduled_is_known_with_its_moment(committing_db):
    article = scheduled(an_article("Later"), live_at=TOMORROW)
    keys = frozenset({f"article:{article.pk}", f"link:article:{article.pk}"})
    assert changes.coming(at=NOON) == [(TOMORROW, keys)]
    edition = article.editions.get()
    assert f"article:{article.pk}" in changed_by(lambda: publishing.call_off_edition(edition, at=NOON, by=ANA))
    assert changes.coming(at=NOON) == []


def test_whoever_looked_away_for_too_long_or_came_from_another_past_forgets_everything(pages):
    _, _, topic = pages
    long_ago = position()
    for number in range(3):
        Topic.objects.filter(pk=topic.pk).update(definition=f"{number}")
    assert since(long_ago, position()) == {f"topic:{topic.pk}", f"words:topic:{topic.pk}"}
    assert since(Position(long_ago.number, "the mark of a library that was restored"), position()) == {EVERYTHING}
    assert since(Position(position().number + 5, "x"), position()) == {EVERYTHING}
    changes.prune(at=timezone.now() + timedelta(days=3))
    assert set(Change.objects.values_list("number", flat=True)) == {position().number}  # the last stays
    assert since(long_ago, position()) == {EVERYTHING}
    newest = position()
    assert since(newest, newest) == set()
    keys = {f"topic:{topic.pk}", f"words:topic:{topic.pk}"}
    assert changed_by(lambda: Topic.objects.filter(pk=topic.pk).update(definition="Now.")) == keys


def test_a_change_of_very_many_things_changes_everything_once(pages, monkeypatch):
    monkeypatch.setattr(changes, "MOST", 5)
    topics = [a_topic(f"Topic {number}") for number in range(3)]
    them_all = Topic.objects.filter(pk__in=[topic.pk for topic in topics])
    assert changed_by(lambda: them_all.update(definition="Better.")) == {EVERYTHING}
    after_it = position()
    them_all.filter(pk=topics[0].pk).update(definition="Better still.")
    assert since(after_it, position()) == {f"topic:{topics[0].pk}", f"words:topic:{topics[0].pk}"}


def test_the_job_of_the_schedule_forgets_old_changes(pages):
    Change.objects.update(at=timezone.now() - timedelta(days=3))
    call_command("run_due")
    assert (
        Change.objects.exclude(number=position().number).filter(at__lt=timezone.now() - timedelta(days=2)).count() == 0
    )


@pytest.mark.django_db
def test_no_migration_has_lost_a_trigger():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'articles_change_%'"
            )
            found, expected = dict(cursor.fetchall()), _changes.triggers()
            assert {name: sql.split("BEGIN")[1] for name, sql in found.items()} == {
                name: sql.split("BEGIN")[1] for name, sql in expected.items()
            }
        else:
            cursor.execute(
                "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'articles_change_%'"
            )
            own = {("articles_change_waits", "articles_change"), ("articles_change_numbered", "articles_change")}
            assert set(cursor.fetchall()) == set(_changes._postgresql_triggers()) | own


def in_thread(act) -> threading.Thread:
    def run():
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_numbers_come_in_the_order_of_the_commits(pages):
    """On PostgreSQL: the transaction that began first commits last, and a reader who looked in between misses nothing. Until
    it commits it holds up nobody."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    _, _, topic = pages
    other = a_topic("Other")
    start, has_written, may_commit = position(), threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Topic.objects.filter(pk=topic.pk).update(definition="First.")
            has_written.set()
            assert may_commit.wait(20)

    thread = in_thread(slow)
    assert has_written.wait(20)
    Topic.objects.filter(pk=other.pk).update(definition="Second.")  # and is not kept waiting
    middle = position()
    assert since(start, middle) == {f"topic:{other.pk}", f"words:topic:{other.pk}"}
    may_commit.set()
    thread.join(20)
    assert since(middle, position()) == {f"topic:{topic.pk}", f"words:topic:{topic.pk}"}


def test_writers_at_the_same_time_get_a_number_each_and_no_deadlock(pages):
    """Each withdraws and publishes what the others link to: the row of the stamp is locked last, when nothing else is waited for."""
    _, other, topic = pages
    before, failures, writers, rounds = position(), [], 4, 5
    barrier = threading.Barrier(writers)

    def write(number: int):
        barrier.wait(20)
        for turn in range(rounds):
            try:
                if number % 2:
                    publish(with_see_also(an_article(f"Page {number} {turn}"), [topic, other]))
                else:
                    with transaction.atomic():
                        Topic.objects.select_for_update().get(pk=topic.pk)
                        Topic.objects.filter(pk=topic.pk).update(definition=f"{number} {turn}")
            except Exception as error:
                failures.append(error)

    threads = [in_thread(lambda number=number: write(number)) for number in range(writers)]
    for thread in threads:
        thread.join(60)
    assert failures == []
    numbers = set(Change.objects.filter(number__gt=before.number).values_list("number", flat=True))
    assert numbers == set(range(before.number + 1, position().number + 1))
    if connection.vendor == "postgresql":
        assert Stamp.objects.get().number - before.number >= writers * rounds
