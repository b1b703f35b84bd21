"""One revision for a save that changes something, none for one that doesn't; and of two stale saves only one wins."""

import os
import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from articles.models import Article, AuditEntry, Revision, Section
from articles.publishing import content_of
from articles.revising import StaleVersion, restore, revision, working_copy
from tests.builders import ANA, GRACE, NOON, YESTERDAY, a_topic, an_article, published, with_see_also

pytestmark = pytest.mark.django_db
ROUNDS = int(os.environ.get("DRILL_ROUNDS", "5"))  # `make drill` sets 50


def saved(article, change=lambda: None, *, version=None, by=ANA, at=NOON):
    with revision(article, version=article.version if version is None else version, at=at, by=by):
        change()
    return article


def write(article, body):
    def change():
        section = article.sections.first()
        section.body = body
        section.save()

    return change


def test_a_save_that_changes_something_is_one_revision():
    article = saved(an_article())
    saved(article, write(article, "<p>Take 0.5 mg.</p>"), by=GRACE)
    rows = list(article.revisions.order_by("number").values_list("number", "summary", "saved_by"))
    assert rows == [(1, "first version", "Ana Ruiz"), (2, "1 section changed", "Grace Obi")]
    assert Article.objects.get().version == 2


def test_a_save_that_changes_nothing_is_no_revision():
    article = saved(an_article())
    saved(article)
    assert (Revision.objects.count(), Article.objects.get().version, article.version) == (1, 1, 1)


def test_a_stale_save_is_refused_and_changes_nothing():
    article = saved(an_article(sections=[("", "<p>Take 5 mg.</p>")]))
    saved(article, write(article, "<p>Take 0.5 mg.</p>"))
    with pytest.raises(StaleVersion) as refusal:
        saved(article, write(article, "<p>Take 5 mg, twice.</p>"), version=1)
    assert refusal.value.article.version == 2
    assert Section.objects.get().body == "<p>Take 0.5 mg.</p>"
    assert Revision.objects.count() == 2


def test_a_deleted_article_is_not_saved_again():
    article = saved(an_article())
    stale = Article.objects.get()
    article.delete()
    with pytest.raises(StaleVersion) as refusal:
        saved(stale)
    assert refusal.value.article is None
    assert not Article.objects.exists()


def test_an_error_in_the_middle_undoes_the_whole_save():
    article = saved(an_article())
    before = content_of(article)

    def half():
        write(article, "<p>Half.</p>")()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        saved(article, half)
    assert content_of(Article.objects.get()) == before
    assert (Article.objects.get().version, Revision.objects.count()) == (1, 1)


def test_restore_brings_everything_back():
    topics = [a_topic("MRI"), a_topic("X-ray"), a_topic("Biopsy")]
    article = an_article(
        sections=[("", "<p>Lead.</p>"), ("Meals", "<p>Small.</p>")], about=topics[:1], tags=["nausea", "diet"]
    )
    article.references.create(position=1, text="Temel 2010", doi="10.1056/NEJMoa1000678", accessed_on="2020-06-03")
    saved(with_see_also(article, [*topics, published(an_article("Other"))]))
    first = article.revisions.get()

    def ruin():
        article.title, article.deck = "Another title", ""
        article.save()
        article.sections.all().delete()
        article.references.all().delete()
        article.related_links.all().delete()
        article.about.clear()
        article.tags.clear()

    saved(article, ruin)
    restore(article, first, version=2, at=NOON, by=GRACE)
    assert working_copy(Article.objects.get(pk=article.pk)) == first.content
    newest = article.revisions.first()
    assert (newest.number, newest.summary, newest.saved_by) == (3, "version 1 restored", "Grace Obi")


def moved(article, slug):
    def change():
        article.slug = slug
        article.save()

    return change


def test_a_new_address_is_a_version_and_stands_in_the_audit_trail():
    article = saved(an_article())
    saved(article, moved(article, "nausea"), by=GRACE)
    newest = article.revisions.first()
    assert (newest.number, newest.summary, newest.content["slug"]) == (2, "address changed", "nausea")
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.summary) == ("saved", "Grace Obi", "address changed")
    assert entry.changes == [{"field": "slug", "before": "coping-with-nausea", "after": "nausea"}]


def test_a_version_from_before_addresses_were_kept_hides_no_change_of_the_address():
    article = saved(an_article())
    Revision.objects.update(content=content_of(article))
    saved(article, moved(article, "nausea"))
    assert article.revisions.first().summary == "address changed"
    assert AuditEntry.objects.first().changes[0]["before"] == "coping-with-nausea"


def test_restoring_a_version_brings_no_old_address_back():
    article = saved(an_article())
    saved(article, moved(article, "nausea"))
    saved(article, write(article, "<p>New.</p>"))
    restore(article, article.revisions.get(number=1), version=3, at=NOON, by=GRACE)
    assert Article.objects.get().slug == "nausea"
    assert [row["field"] for row in AuditEntry.objects.first().changes] == ["sections"]


def test_an_edition_holds_no_address():
    assert "slug" not in published(saved(an_article())).editions.get().content


def test_restoring_reaches_no_patient():
    article = saved(an_article())
    saved(article, write(article, "<p>New.</p>"))
    published(article, at=YESTERDAY)
    restore(article, article.revisions.get(number=1), version=2, at=NOON, by=GRACE)
    assert article.editions.count() == 1
    assert "New." in article.editions.get().content["sections"][0]["body"]


def race(save) -> Counter:
    """Twenty editors open one version and save at the same moment, for some rounds; who won and who was told."""
    told = Counter()

    def editor(barrier, number):
        try:
            opened = Article.objects.get()
            connection.close()  # all twenty have the form open; none holds a connection
            barrier.wait(timeout=30)
            save(opened, write(opened, f"<p>Editor {number}.</p>"))
            told["won"] += 1
        except StaleVersion:
            told["told"] += 1
        finally:
            connection.close()

    for number in range(ROUNDS):
        barrier = threading.Barrier(20)
        threads = [threading.Thread(target=editor, args=(barrier, number * 20 + each)) for each in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    return told


def test_of_twenty_editors_who_save_at_once_one_wins_and_nineteen_are_told(committing_db):
    saved(an_article())
    assert race(saved) == {"won": ROUNDS, "told": 19 * ROUNDS}
    assert Revision.objects.count() == Article.objects.get().version == ROUNDS + 1


def test_without_the_claim_everybody_wins_and_nobody_is_told(committing_db):
    """The control: saves that claim no version, as stock forms make them, overwrite each other unseen."""
    saved(an_article())
    assert race(lambda opened, change: change()) == {"won": 20 * ROUNDS}


def test_a_save_with_99_unchanged_links_costs_few_queries(django_assert_max_num_queries):
    article = saved(with_see_also(an_article(tags=["a"], about=[a_topic("MRI")]), 99))
    with django_assert_max_num_queries(20), transaction.atomic():
        saved(article, write(article, "<p>Changed.</p>"))
