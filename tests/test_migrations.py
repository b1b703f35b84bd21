"""A library that was filled before the workflow existed keeps its pages, dates, withdrawals and ledgers when it is
upgraded; and it goes back, until something is decided that the old tables can't hold."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from articles import due
from articles.models import Article, AuditEntry, Edition, Review, Topic, Withdrawal, WorkflowStep
from articles.workflow import Act, State
from tests.builders import GRACE, NOON, a_reviewer, an_article, reviewed, sent, signed_and_published, signed_off, wrote
from tests.database_copies import Copies
from tests.verbs import after, do, state_of

BEFORE_THE_WORKFLOW = "0005_roles"
WITH_THE_REVIEW_DESK = "0012_fill_reviewed_days"
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
LEDGERS = ["articles_edition", "articles_review", "articles_auditentry"]


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def migrate(name: str):
    """Takes the schema of the articles to a migration and returns the models of that time."""
    MigrationExecutor(connection).migrate([("articles", name)])
    return models_at(name)


def models_at(name: str):
    return MigrationExecutor(connection).loader.project_state(("articles", name)).apps


def migrate_to_newest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


class OldLibrary:
    """Rows as the product wrote them before the workflow, with the models of that time."""

    def __init__(self, apps):
        self.model = lambda name: apps.get_model("articles", name)

    def article(self, slug: str, *, version=0, **fields):
        fields = {"title": slug.capitalize(), "slug": slug, "kind": "in_depth", "version": version, **fields}
        article = self.model("Article").objects.create(**fields)
        self.model("Section").objects.create(article=article, position=1, anchor="introduction", body="<p>Rest.</p>")
        return article

    def content(self, article) -> dict:
        section = {"anchor": "introduction", "heading": "", "body": "<p>Rest.</p>"}
        words = {"title": article.title, "deck": "", "kind": "in_depth", "is_sample": False, "sections": [section]}
        return {**words, "references": [], "links": [], "about": [], "tags": []}

    def topic(self, slug: str, **fields):
        return self.model("Topic").objects.create(title=slug.capitalize(), slug=slug, kind="test", **fields)

    def saved(self, article, number: int, at: datetime):
        self.model("Revision").objects.create(
            article=article,
            number=number,
            content=self.content(article),
            summary="1 section changed",
            saved_at=at,
            saved_by="Ana Ruiz",
        )

    def published(self, article, number: int, at: datetime, **fields):
        self.model("Edition").objects.create(
            article=article,
            number=number,
            title=article.title,
            kind="in_depth",
            schema=1,
            content=self.content(article),
            change="major",
            published_at=at,
            published_by="Ana Ruiz",
            **{"published_on": at.date(), **fields},
        )

    def act(self, action: str, page, at: datetime, reason="", page_id=None):
        self.model("AuditEntry").objects.create(
            at=at,
            by="Ana Ruiz",
            action=action,
            page_kind=page._meta.model_name,
            page_id=page_id or page.pk,
            page_title=page.title,
            reason=reason,
        )


def fill(old: OldLibrary) -> None:
    twice = old.article("twice", version=4, published_on=day(1).date(), updated_on=day(5).date())
    for number, at in [(1, day(1)), (2, day(2)), (3, day(4)), (4, day(9))]:
        old.saved(twice, number, at)
    old.published(twice, 1, day(1))  # saved and published by one import, at one moment
    old.published(twice, 2, day(5), published_on=day(1).date(), updated_on=day(5).date())

    early = old.article("early", published_on=day(0).date())
    old.published(early, 1, day(0))  # before versions were counted

    away = old.article("away", withdrawn_at=day(8), withdrawn_reason="The advice is wrong.")
    old.published(away, 1, day(1))
    old.act("withdrawn", away, day(3), "A dose was wrong.")
    old.act("brought_back", away, day(4))
    old.act("withdrawn", away, day(8), "The advice is wrong.")

    unwritten = old.article("unwritten", withdrawn_at=day(2), withdrawn_reason="No longer true.")
    old.published(unwritten, 1, day(1))
    returned = old.article("returned")
    old.published(returned, 1, day(1))
    old.act("withdrawn", returned, day(2), "Nobody wrote its return down.")

    stated = old.article("stated", published_on=date(2021, 6, 29), published_on_is_stated=True)
    old.published(stated, 1, day(1), published_on=date(2021, 6, 29), published_on_is_stated=True)
    old.article("draft")

    back = old.topic("back")
    old.act("withdrawn", back, day(2), "Merged by mistake.")
    old.act("brought_back", back, day(3))
    gone = old.topic("gone", withdrawn_at=day(6), withdrawn_reason="No test any more.")
    old.act("withdrawn", gone, day(6), "No test any more.")
    old.act("withdrawn", gone, day(6), "A page that has been deleted.", page_id=999)

    Group.objects.get(name="Clinical reviewer").permissions.clear()


def columns_of(old: OldLibrary) -> tuple[list, list, list]:
    """Of the articles, topics and editions, by the tables of that time."""
    page = ["slug", "withdrawn_at", "withdrawn_reason"]
    dates = ["published_on", "published_on_is_stated", "updated_on"]
    read = [
        ("Article", [*page, *dates]),
        ("Topic", page),
        ("Edition", ["article__slug", "number", "published_at", *dates]),
    ]
    return tuple(list(old.model(name).objects.order_by("pk").values_list(*columns)) for name, columns in read)


@pytest.fixture(scope="module")
def library(django_db_setup, django_db_blocker):
    """Copies of an old library after its upgrade and of what stood here before; and what its old columns held."""
    with django_db_blocker.unblock():
        copies = Copies()
        copies.keep("before")
        copies.empty()
        call_command("migrate", "articles", BEFORE_THE_WORKFLOW, verbosity=0)  # as the release of that time did
        old = OldLibrary(models_at(BEFORE_THE_WORKFLOW))
        fill(old)
        columns = columns_of(old)
        migrate_to_newest()
        copies.keep("upgraded")
        copies.back_to("before")
        yield copies, columns
        copies.forget()


@pytest.fixture
def upgraded(library, committing_db):
    """The old library after its upgrade. Says what its old columns held."""
    copies, columns = library
    copies.back_to("upgraded")
    yield columns
    copies.back_to("before")


@pytest.fixture
def newest(library, committing_db):
    """The database as it is, to go back from."""
    copies, _ = library
    yield
    copies.back_to("before")


SPANS = {
    ("away", day(3), day(4), "A dose was wrong."),
    ("away", day(8), None, "The advice is wrong."),
    ("unwritten", day(2), None, "No longer true."),
    ("back", day(2), day(3), "Merged by mistake."),
    ("gone", day(6), None, "No test any more."),
}


def spans() -> set[tuple]:
    rows = Withdrawal.objects.select_related("article", "topic")
    return {((row.article or row.topic).slug, row.from_at, row.until_at, row.reason) for row in rows}


def facts_of_editions() -> list[tuple]:
    fields = [
        "article__slug",
        "number",
        "version",
        "bypass_reason",
        "published_on",
        "published_on_is_stated",
        "updated_on",
    ]
    return list(Edition.objects.order_by("article__slug", "number").values_list(*fields))


def writes_once(tables: list[str]) -> bool:
    """Whether the database refuses to change and to delete a row of each of these tables, none of them empty."""
    for table in tables:
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with (
                pytest.raises(DatabaseError, match="written once"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
    return True


def test_an_old_library_is_upgraded_and_patients_notice_nothing(upgraded):
    assert spans() == SPANS
    why = "Published before sign-offs were kept here."
    assert facts_of_editions() == [
        ("away", 1, 0, why, day(1).date(), False, None),
        ("early", 1, 0, why, day(0).date(), False, None),
        ("returned", 1, 0, why, day(1).date(), False, None),
        ("stated", 1, 0, why, date(2021, 6, 29), True, None),
        ("twice", 1, 1, why, day(1).date(), False, None),
        ("twice", 2, 3, why, day(1).date(), False, day(5).date()),
        ("unwritten", 1, 0, why, day(1).date(), False, None),
    ]
    assert dict(Article.objects.exclude(stated_on=None).values_list("slug", "stated_on")) == {
        "stated": date(2021, 6, 29)
    }
    live = Edition.objects.live(at=NOON).values_list("article__slug", flat=True)
    assert sorted(live) == ["early", "returned", "stated", "twice"]
    assert [topic.slug for topic in Topic.objects.not_withdrawn(at=NOON)] == ["back"]
    assert {article.slug: state_of(article) for article in Article.objects.all()} == {
        "twice": State.DRAFT,  # saved since its second edition
        "early": State.PUBLISHED,
        "away": State.WITHDRAWN,
        "unwritten": State.WITHDRAWN,
        "returned": State.PUBLISHED,
        "stated": State.PUBLISHED,
        "draft": State.DRAFT,
    }
    assert Edition.objects.awaiting_sign_off().count() == 7


def test_the_ledgers_refuse_to_be_changed_after_the_upgrade(upgraded):
    signed_off(Article.objects.get(slug="draft"))
    reviewed(Article.objects.get(slug="early"))
    assert writes_once([*LEDGERS, "articles_workflowstep"])


def test_what_the_upgrade_brought_can_be_used_at_once(upgraded):
    article = after(Act.BRING_BACK, Article.objects.get(slug="unwritten"))
    assert state_of(article) == State.PUBLISHED
    article = signed_off(wrote(Article.objects.get(slug="twice"), body="<p>Rest helps.</p>"))
    do(Act.PUBLISH, article)
    assert Edition.objects.live(at=NOON).get(article=article).version == 5


def test_the_groups_get_what_the_workflow_asks_for(upgraded):
    may = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert {name for name in may if "sign_off_article" in may[name]} == {"Clinical reviewer", "Administrator"}
    assert {name for name in may if "publish_unsigned_article" in may[name]} == {"Publisher", "Administrator"}
    names = dict(Permission.objects.filter(content_type__model="article").values_list("codename", "name"))
    assert names.items() >= dict(Article._meta.permissions).items()


def test_the_upgrade_is_undone_and_done_again_without_a_loss(upgraded):
    facts = facts_of_editions()

    again = OldLibrary(migrate(BEFORE_THE_WORKFLOW))
    articles, *others = columns_of(again)
    assert {row[0]: row[1:] for row in articles} == {
        "twice": (None, "", day(1).date(), False, day(5).date()),
        "early": (None, "", day(0).date(), False, None),
        "away": (day(8), "The advice is wrong.", day(1).date(), False, None),
        "unwritten": (day(2), "No longer true.", day(1).date(), False, None),
        "returned": (None, "", day(1).date(), False, None),
        "stated": (None, "", date(2021, 6, 29), True, None),
        "draft": (None, "", None, False, None),
    }
    assert tuple(others) == upgraded[1:]
    assert writes_once(["articles_edition", "articles_auditentry"])

    migrate_to_newest()
    assert (spans(), facts_of_editions()) == (SPANS, facts)


DECISIONS = {
    "steps of the workflow": sent,
    "articles in the archive": lambda: after(Act.ARCHIVE, wrote()),
    "reasons for publishing without a sign-off": lambda: after(Act.PUBLISH_UNSIGNED, wrote()),
    "professions and registration numbers": a_reviewer,
}


@pytest.mark.django_db
@pytest.mark.parametrize("lost", DECISIONS)
def test_a_decision_that_the_old_tables_can_not_hold_is_reason_enough_not_to_go_back(lost):
    the_last_step_back = import_module("articles.migrations.0009_dates_stand_in_editions").refuse_to_lose_decisions
    the_last_step_back(apps, None)
    DECISIONS[lost]()
    with pytest.raises(RuntimeError, match=f"Going back would lose .*1 {lost}"):
        the_last_step_back(apps, None)


def test_nobody_goes_back_over_what_was_decided_since(newest):
    for decide in DECISIONS.values():
        decide()
    kept = (WorkflowStep.objects.count(), Edition.objects.count(), AuditEntry.objects.count())
    with pytest.raises(RuntimeError, match=f"Going back would lose {kept[0]} steps of the workflow, .* Nothing was"):
        migrate(BEFORE_THE_WORKFLOW)
    migrate_to_newest()
    assert (WorkflowStep.objects.count(), Edition.objects.count(), AuditEntry.objects.count()) == kept


def test_no_migration_since_moves_a_review_date(newest):
    """Over a page with a day that a planner moved, which is neither that of its review nor that of its policy."""
    page = signed_and_published(wrote(an_article("Reviewed page")), at=NOON)
    review = reviewed(page)
    moved = review.next_review_on - timedelta(days=90)
    due.move(page, moved, at=NOON, today=NOON.date(), by=GRACE, reason="The guideline comes earlier.")
    days = {"reviewed_on": review.reviewed_on, "reviewed_edition": 1, "next_review_on": moved}
    for go in (lambda: migrate(WITH_THE_REVIEW_DESK), migrate_to_newest):
        go()
        assert Article.objects.values(*days).get(pk=page.pk) == days
        assert list(Review.objects.values_list("pk", "next_review_on")) == [(review.pk, review.next_review_on)]
