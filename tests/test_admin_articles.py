"""Writing an article in the admin, and the acts that patients notice."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_prose_editor.config import allowlist_from_extensions, expand_extensions

from articles import html
from articles.admin.editor import EXTENSIONS
from articles.models import Article, AuditEntry, Edition, Section, Tag, WorkflowStep
from articles.owners import assign
from articles.publishing import withdraw
from articles.workflow import Act
from tests.admin import change, fields_of, save, signed_in, staff
from tests.builders import ANA, a_topic, an_article, published, reviewed, signed_off

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/article/"


@pytest.fixture
def editor():
    return signed_in()


def act(name, page):
    return reverse(f"admin:articles_{page._meta.model_name}_{name}", args=[page.pk])


def errors_of(response):
    assert response.status_code == 200
    return response.context["adminform"].form.errors


def said_to(client, response):
    return [str(message) for message in client.get(response.url).context["messages"]]


# Writing


def test_a_new_article_is_kept_with_its_sections_references_tags_and_links(editor):
    topic = a_topic("Ginger")
    response = editor.post(
        LIST + "add/",
        {
            "title": "Coping with nausea",
            "kind": "in_depth",
            "language": "en",
            "about": [topic.pk],
            "tags": "breast cancer, nausea",
            "see_also": "Ginger",
            "sections-TOTAL_FORMS": 2,
            "sections-INITIAL_FORMS": 0,
            "sections-0-body": "<p>Lead.</p>",
            "sections-1-heading": "Meals",
            "sections-1-body": "<p>Small ones.</p>",
            "references-TOTAL_FORMS": 1,
            "references-INITIAL_FORMS": 0,
            "references-0-text": "Temel 2010",
            "references-0-accessed_on": "2020-06-03",
        },
    )
    assert response.status_code == 302, errors_of(response)
    article = Article.objects.get()
    assert article.slug == "coping-with-nausea"
    assert [(s.position, s.heading, s.anchor) for s in article.sections.all()] == [
        (1, "", "introduction"),
        (2, "Meals", "meals"),
    ]
    assert [(r.position, r.accessed_on) for r in article.references.all()] == [(1, date(2020, 6, 3))]
    assert {tag.name for tag in article.tags.all()} == {"breast cancer", "nausea"}
    assert [link.topic for link in article.related_links.all()] == [topic]


def test_a_body_is_cleaned_by_the_form(editor):
    article = an_article()
    body = '<p onclick="x()">Eat <b>less</b><script>alert(1)</script></p><ul><li><p>Rice</p></li></ul><h1 style="x">Big</h1>'
    save(editor, article, **{"sections-0-body": body})
    assert article.sections.get().body == "<p>Eat less</p><ul><li>Rice</li></ul>Big"


def test_a_body_sent_back_with_the_line_ends_of_a_browser_is_no_change(editor):
    article = an_article(sections=[("", "<p>One.</p>\n<p>Two.</p>")])
    save(editor, article, **{"sections-0-body": "<p>One.</p>\r\n<p>Two.</p>"})
    assert article.sections.get().body == "<p>One.</p>\n<p>Two.</p>"
    assert User.objects.get().logentry_set.get().get_change_message() == "No fields changed."


def test_the_editor_offers_what_the_allow_list_keeps():
    offered = allowlist_from_extensions(expand_extensions(EXTENSIONS))
    assert html.TAGS - offered["tags"] == {"caption"}  # comes from imports only
    assert offered["tags"] <= html.TAGS


def test_only_the_first_section_goes_without_a_heading(editor):
    article = an_article(sections=[("", "<p>Lead.</p>"), ("Meals", "<p>Eat.</p>")])
    response = save(editor, article, **{"sections-1-heading": ""})
    assert "Only the first section may go without" in response.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nausea, !!!", "The tag “!!!” needs a letter from a to z or a digit"),
        ("癌", "The tag “癌” needs a letter from a to z or a digit"),
        ("x" * 101, "has 101 characters; at most 100 fit."),
    ],
)
def test_a_tag_without_an_address_or_too_long_is_refused(editor, typed, said):
    article = an_article(tags=["old"])
    assert said in errors_of(save(editor, article, tags=typed))["tags"][0]
    assert [tag.name for tag in article.tags.all()] == ["old"]


def test_a_tag_may_be_several_words_without_quotes(editor):
    article = an_article()
    save(editor, article, tags="breast cancer")
    assert [tag.name for tag in article.tags.all()] == ["breast cancer"]


def test_a_tag_is_kept_once_whatever_its_case(editor):
    an_article(tags=["Nausea"])
    article = an_article("Other")
    save(editor, article, tags="nausea, NAUSEA")
    assert [tag.name for tag in article.tags.all()] == ["Nausea"]
    assert Tag.objects.count() == 1


def test_saving_publishes_nothing_and_says_so(editor):
    article = published()
    response = save(editor, article, title="Half a tit")
    assert Edition.objects.get().title == "Coping with nausea"
    assert any("not published: patients still read edition 1" in message for message in said_to(editor, response))


def test_a_save_leaves_the_dates_and_the_state_to_the_verbs(editor, monkeypatch):
    """Somebody withdraws the page between the moment the save read it and the moment it writes."""
    article = published()
    from articles.admin.see_also import SeeAlsoField

    clean = SeeAlsoField.clean

    def withdrawn_meanwhile(field, value):
        if not article.withdrawals.exists():
            withdraw(article, at=timezone.now(), by=ANA, reason="The guideline changed.")
        return clean(field, value)

    monkeypatch.setattr(SeeAlsoField, "clean", withdrawn_meanwhile)
    assert save(editor, article, title="New title").status_code == 302
    article.refresh_from_db()
    assert article.title == "New title"
    assert article.withdrawals.get().reason == "The guideline changed."


def test_a_save_takes_back_no_review_and_no_owner_of_the_same_moment(editor, monkeypatch):
    """Both happen between the moment the save read the page and the moment it writes."""
    article = published()
    dana = staff("Date reviewer", "Dana")
    from articles.admin.see_also import SeeAlsoField

    clean = SeeAlsoField.clean

    def reviewed_meanwhile(field, value):
        if not article.reviews.exists():
            reviewed(article, at=timezone.now(), on=timezone.localdate(), next_on=timezone.localdate() + timedelta(90))
            assign(Article.objects.filter(pk=article.pk), owner=dana, group=None, at=timezone.now(), by=ANA)
        return clean(field, value)

    monkeypatch.setattr(SeeAlsoField, "clean", reviewed_meanwhile)
    assert save(editor, article, title="New title").status_code == 302
    article.refresh_from_db()
    assert (article.title, article.reviewed_on, article.owner) == ("New title", timezone.localdate(), dana)
    assert article.next_review_on == timezone.localdate() + timedelta(90)


def test_the_dates_are_shown_and_can_not_be_sent(editor):
    article = published()
    page = editor.get(change(article)).text
    assert 'name="published_on"' not in page
    sent = {"published_on": "1999-01-01", "updated_on": "1999-01-01", "stated_on": "1999-01-01"}
    save(editor, article, title="New title", state="withdrawn", archived_at="1999-01-01", **sent)
    article.refresh_from_db()
    edition = article.editions.get()
    assert (edition.published_on, edition.updated_on) == (date(2026, 11, 21), None)
    assert (article.title, article.stated_on, article.archived_at) == ("New title", None, None)


def test_the_page_is_opened_on_the_site_only_while_patients_can_read_it(editor):
    draft, live, gone = an_article("Draft"), published(an_article("Live")), published(an_article("Gone"))
    withdraw(gone, at=timezone.now(), by=ANA, reason="Old.")
    for article, shown in [(draft, False), (live, True), (gone, False)]:
        assert (f'href="{article.get_absolute_url()}"' in editor.get(change(article)).text) is shown


def test_what_was_once_published_can_not_be_deleted(editor):
    draft, live = an_article("Draft"), published(an_article("Live"))
    assert editor.post(reverse("admin:articles_article_delete", args=[live.pk]), {"post": "yes"}).status_code == 403
    assert editor.post(reverse("admin:articles_article_delete", args=[draft.pk]), {"post": "yes"}).status_code == 302
    assert list(Article.objects.all()) == [live]
    assert "delete_selected" not in editor.get(LIST).text


# The list


def test_the_list_costs_the_same_with_60_articles_as_with_3(editor):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert editor.get(LIST).status_code == 200
        return len(queries)

    for number in range(3):
        reviewed(published(an_article(f"Page {number}")))
    few = cost()
    for number in range(57):
        published(an_article(f"More {number}"))
    assert cost() <= few + 1  # the number of pages


def test_the_filters_tell_the_states_apart(editor):
    today = timezone.localdate()
    now = timezone.now()
    an_article("Draft", tags=["breast cancer"])
    published(an_article("Never reviewed"), at=now)
    for title, due in [("Due today", today), ("Overdue", today - timedelta(days=1))]:
        page = published(an_article(title, stated_on=today - timedelta(days=400)), at=now)
        reviewed(page, at=now, on=today - timedelta(days=365), next_on=due)
    withdraw(published(an_article("Gone"), at=now), at=now, by=ANA, reason="Old.")
    for query, titles in [
        ({}, {"Draft", "Due today", "Gone", "Never reviewed", "Overdue"}),
        ({"live": "yes"}, {"Due today", "Never reviewed", "Overdue"}),
        ({"live": "no"}, {"Draft", "Gone"}),
        ({"state": "draft"}, {"Draft"}),
        ({"state": "published"}, {"Due today", "Never reviewed", "Overdue"}),
        ({"state": "withdrawn"}, {"Gone"}),
        ({"state": "archived"}, set()),
        ({"review": "never"}, {"Draft", "Gone", "Never reviewed"}),
        ({"review": "overdue"}, {"Overdue"}),
        ({"review": "in-date"}, {"Due today"}),
        ({"tag": "breast-cancer"}, {"Draft"}),
        ({"kind__exact": "video"}, set()),
        ({"q": "overd"}, {"Overdue"}),
        ({"q": "small meals"}, {"Draft", "Due today", "Gone", "Never reviewed", "Overdue"}),
    ]:
        assert {page.title for page in editor.get(LIST, query).context["cl"].result_list} == titles, query


def test_the_list_says_the_state_and_the_dates(editor):
    reviewed(published(an_article("Live")))
    row = editor.get(LIST).text.split('id="result_list"')[1]
    for said in ["Published, edition 1", "Nov. 21, 2026", "Nov. 22, 2026", "Nov. 22, 2029"]:
        assert said in row


# Publishing and withdrawing


def test_publishing_asks_for_the_sort_of_change_and_keeps_who_did_it(editor):
    article = signed_off(published())
    assert "Patients read edition 1 now" in editor.get(act("publish", article)).text
    version = {"version": article.version}
    assert "change" in editor.post(act("publish", article), {**version, "note": "x"}).context["form"].errors
    editor.post(act("publish", article), {**version, "change": "minor", "note": "A typo."})
    edition = article.editions.get(number=2)
    assert (edition.change, edition.note, edition.published_by) == ("minor", "A typo.", "Ana Ruiz")
    history = editor.get(reverse("admin:articles_article_history", args=[article.pk])).text
    assert "Published as edition 2 (minor change)" in history


def test_what_stands_against_publishing_is_shown_before_anybody_asks(editor):
    article = an_article(sections=[("", "<p>Lead.</p>"), ("Meals", "")])
    emergency = {"version": 0, "change": "major", "reason": "Wrong dose."}
    for response in [
        editor.get(act("submit", article)),
        editor.post(act("submit", article), {"version": 0}),
        editor.get(act("publish_unsigned", article)),
        editor.post(act("publish_unsigned", article), emergency),
    ]:
        assert "The section “Meals” is empty. Write it, or delete the section." in response.text
    assert not article.editions.exists()
    assert not article.steps.exists()


@pytest.mark.parametrize("build", [lambda: published(), lambda: a_topic()], ids=["article", "topic"])
def test_withdrawing_needs_a_reason_and_can_be_undone(editor, build):
    page = build()
    assert editor.post(act("withdraw", page), {"version": 0, "reason": "  "}).status_code == 200
    response = editor.post(act("withdraw", page), {"version": 0, "reason": "The guideline changed."})
    assert response.status_code == 302
    assert page.withdrawal(at=timezone.now()).reason == "The guideline changed."
    again = editor.post(act("withdraw", page), {"version": 0, "reason": "Again."})
    assert "is withdrawn" in again.text
    assert page.withdrawals.count() == 1
    assert editor.post(act("bring_back", page), {"version": 0}).status_code == 302
    assert page.withdrawal(at=timezone.now()) is None


def test_a_get_changes_nothing(editor):
    article = published()
    before = [Edition.objects.count(), AuditEntry.objects.count(), WorkflowStep.objects.count()]
    for name in Act.values:
        assert editor.get(act(name.replace("-", "_"), article)).status_code == 200
    assert [Edition.objects.count(), AuditEntry.objects.count(), WorkflowStep.objects.count()] == before
    assert not article.withdrawals.exists()


@pytest.mark.parametrize("name", ["publish", "withdraw", "bring_back"])
def test_the_acts_are_for_those_who_may_publish(name):
    article = published()
    writer = signed_in(staff("change_article", "view_article"))
    assert writer.get(change(article)).status_code == 200
    assert f'href="../{name.replace("_", "-")}/"' not in writer.get(change(article)).text
    assert writer.get(act(name, article)).status_code == 403
    assert writer.post(act(name, article), {"reason": "x", "change": "major"}).status_code == 403
    assert signed_in(staff("change_article", "publish_article")).get(act(name, article)).status_code == 200


def test_an_act_on_an_article_that_is_not_there_is_not_found(editor):
    for pk in ["999", "9" * 40, "abc", "\x00"]:
        assert editor.get(f"/admin/articles/article/{pk}/publish/").status_code == 404


def test_two_sections_can_change_places(editor):
    article = an_article(sections=[("One", "<p>1</p>"), ("Two", "<p>2</p>")])
    save(editor, article, **{"sections-0-position": 2, "sections-1-position": 1})
    assert [section.heading for section in article.sections.all()] == ["Two", "One"]


def test_a_section_can_be_deleted(editor):
    article = an_article(sections=[("One", "<p>1</p>"), ("Two", "<p>2</p>")])
    editor.post(change(article), {**fields_of(article), "sections-0-DELETE": "on"})
    assert [section.heading for section in Section.objects.all()] == ["Two"]
