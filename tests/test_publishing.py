"""Publishing freezes the working copy; the dates follow from the act and from nothing else."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from articles.admin.bulk_acts import KINDS_OF_CHANGE
from articles.admin.publish_form import PublishForm
from articles.models import Article, Edition, Review
from articles.models.ledger import LedgerError
from articles.publishing import bring_back, proposed_change, withdraw
from tests.builders import ANA, DAY, NOON, YESTERDAY, a_topic, an_article, publish, published, reviewed, with_see_also

pytestmark = pytest.mark.django_db


def test_an_edition_holds_everything_that_the_page_says():
    topic = a_topic("Ginger")
    article = an_article(
        sections=[("", "<p>Lead.</p>"), ("Meals", "<p>Small ones.</p>")], about=[topic], tags=["nausea"]
    )
    article.references.create(position=1, text="Temel 2010", doi="10.1056/NEJMoa1000678", accessed_on=date(2020, 6, 3))
    with_see_also(article, [topic])

    edition = publish(article, at=NOON, by=ANA)

    assert edition.content == {
        "title": "Coping with nausea",
        "deck": "What helps when you feel sick.",
        "kind": "in_depth",
        "is_sample": False,
        "sections": [
            {"anchor": "introduction", "heading": "", "body": "<p>Lead.</p>"},
            {"anchor": "meals", "heading": "Meals", "body": "<p>Small ones.</p>"},
        ],
        "references": [
            {
                "text": "Temel 2010",
                "year": None,
                "doi": "10.1056/NEJMoa1000678",
                "pmid": "",
                "url": "",
                "accessed_on": "2020-06-03",
                "address": "https://doi.org/10.1056/NEJMoa1000678",
            }
        ],
        "links": [{"label": "Ginger", "kind": "test", "topic": topic.pk, "article": None, "url": ""}],
        "about": [{"topic": topic.pk, "title": "Ginger"}],
        "tags": [{"name": "nausea", "slug": "nausea"}],
    }
    assert list(edition.about.all()) == list(edition.see_also.all()) == [topic]
    assert [tag.slug for tag in edition.tags.all()] == ["nausea"]


def test_dates_follow_from_publishing_alone():
    article = an_article()

    days = []
    for number, change in enumerate(["major", "minor", "major", "minor"]):
        edition = publish(article, at=YESTERDAY + timedelta(days=number), by=ANA, change=change, note="New advice.")
        days.append((edition.number, edition.published_on, edition.updated_on))

    first, third = date(2026, 11, 21), date(2026, 11, 23)
    assert days == [(1, first, None), (2, first, None), (3, first, third), (4, first, third)]


def test_a_day_stated_by_the_source_is_kept_as_published():
    article = an_article(stated_on=date(2021, 6, 29))
    edition = publish(article, at=NOON, by=ANA)
    assert (edition.published_on, edition.published_on_is_stated) == (date(2021, 6, 29), True)


def test_text_that_replaces_a_sample_counts_as_the_first_edition():
    article = published(an_article(is_sample=True), at=YESTERDAY)
    article.is_sample = False
    article.save()
    edition = publish(article, at=NOON, by=ANA)
    assert (edition.number, edition.published_on, edition.updated_on) == (2, DAY, None)
    for said in (PublishForm().fields["change"].help_text, KINDS_OF_CHANGE):
        assert "unless it is the first text or takes the place of sample text" in said


def test_a_major_change_of_a_published_page_tells_patients_what_changed():
    article = published(at=YESTERDAY)
    for note in ("", "   "):
        with pytest.raises(ValidationError) as refusal:
            publish(article, at=NOON, by=ANA, change="major", note=note)
        assert "note" in refusal.value.message_dict
    assert article.editions.count() == 1
    publish(article, at=NOON, by=ANA, change="minor")
    assert publish(article, at=NOON, by=ANA, change="major", note=" New dose. ").note == "New dose."


def test_the_first_edition_and_sample_text_need_no_note():
    sample = published(an_article(is_sample=True), at=YESTERDAY)
    publish(sample, at=YESTERDAY, by=ANA, change="major")
    sample.is_sample = False
    sample.save()
    assert publish(sample, at=NOON, by=ANA, change="major").number == 3


@pytest.mark.parametrize(
    ("text", "change", "words"),
    [
        ("<p>Take 5 mg a day.</p>", "minor", []),
        ("<p>Take 5 mg every day.</p>", "minor", []),
        ("<p>Take 0.5 mg a day.</p>", "major", [("number", ("5 mg",), ("0.5 mg",))]),
        ("<p>Do not take 5 mg a day.</p>", "major", [("negation", (), ("do not",))]),
        ("<p>Take 5 mg a day. Call 911.</p>", "major", [("number", (), ("911",)), ("urgency", (), ("call 911",))]),
    ],
)
def test_the_words_that_can_hurt_propose_a_major_change(text, change, words):
    article = published(an_article(sections=[("", "<p>Take 5 mg a day.</p>")]))
    section = article.sections.get()
    section.body = text
    section.save()
    proposed, warnings = proposed_change(article)
    assert (proposed, [(warning.kind, warning.gone, warning.came) for warning in warnings]) == (change, words)


def test_the_first_edition_is_proposed_as_major():
    assert proposed_change(an_article()) == ("major", [])


def test_saving_moves_no_date_and_reaches_no_patient():
    article = published()
    before = Article.objects.values().get(pk=article.pk)
    article.title = "Half a tit"
    article.save()
    after = Article.objects.values().get(pk=article.pk)
    assert {name for name in after if after[name] != before[name]} == {"title"}
    assert Edition.objects.live(at=NOON).get().title == "Coping with nausea"


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ([], "The page has no text. Write at least one section."),
        (
            [("", "<p>Lead.</p>"), ("Meals", "")],
            "The section “Meals” is empty. Write it, or delete the section.",
        ),
        (
            [("Meals", "<p>Eat.</p>"), ("", "<p>Drink.</p>")],
            "Section 2 has no heading. Only the first section may go without one.",
        ),
    ],
)
def test_an_unfinished_page_is_refused_with_the_reason(sections, problem):
    article = an_article(sections=sections)
    with pytest.raises(ValidationError) as refusal:
        publish(article, at=NOON, by=ANA)
    assert problem in refusal.value.messages
    assert not article.editions.exists()


def test_what_is_live_depends_on_the_moment_asked():
    article = published(at=YESTERDAY)
    publish(article, at=NOON, by=ANA, note="New advice.")
    for at, number in [
        (YESTERDAY - timedelta(seconds=1), None),
        (YESTERDAY, 1),
        (NOON - timedelta(microseconds=1), 1),
        (NOON, 2),
    ]:
        live = Edition.objects.live(at=at).first()
        assert (live.number if live else None) == number
        assert Article.objects.published(at=at).exists() is (number is not None)


def test_a_withdrawn_page_is_not_live_until_it_is_brought_back():
    article = published()
    withdraw(article, at=NOON, by=ANA, reason="The guideline changed.")
    assert Edition.objects.live(at=NOON - timedelta(seconds=1)).exists()
    assert not Edition.objects.live(at=NOON).exists()
    with pytest.raises(ValidationError, match="withdrawn already"):
        withdraw(article, at=NOON, by=ANA, reason="Again.")
    bring_back(article, at=NOON, by=ANA)
    assert Edition.objects.live(at=NOON).get().number == 1


def test_a_page_is_not_withdrawn_without_a_reason():
    article = published()
    with pytest.raises(ValidationError, match="Say why"):
        withdraw(article, at=NOON, by=ANA, reason="  ")
    assert Edition.objects.live(at=NOON).exists()


@pytest.mark.parametrize("model", [Edition, Review])
def test_evidence_is_neither_changed_nor_deleted(model):
    reviewed(published())
    row = model.objects.get()
    for attempt in [
        row.save,
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.update(article=1),
    ]:
        with pytest.raises(LedgerError, match="written once"):
            attempt()
    for statement in [f"UPDATE {model._meta.db_table} SET id = id", f"DELETE FROM {model._meta.db_table}"]:
        with (
            pytest.raises(DatabaseError, match="written once"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert model.objects.count() == 1
