"""Nobody's text is silently lost: a save, or an act, that started from an older version is refused and shows both."""

import json
import re
import time

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from articles.admin.acts import UNSEEN
from articles.models import Article, Edition, RelatedLink, Section
from articles.publishing import content_of
from articles.revising import revision
from articles.workflow import Act
from tests.acts import ACTS, everything, in_state, page_of, sent_for
from tests.admin import change, fields_of, save, see_also_json, signed_in, staff
from tests.builders import IMPORT, NOON, a_topic, an_article, signed_off, with_see_also

pytestmark = pytest.mark.django_db
SCRIPTS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']


@pytest.fixture
def ana():
    return signed_in()


@pytest.fixture
def grace():
    return signed_in(User.objects.create_superuser("grace", first_name="Grace", last_name="Obi"))


def kept(article):
    """The article with its first revision, as an import or a first save leaves it."""
    with revision(article, version=0, at=NOON, by=IMPORT):
        pass
    return article


def merge_address(article):
    return reverse("admin:articles_article_merge", args=[article.pk])


def sent_back(response, **choices):
    """What the browser sends when an editor chooses and presses “Save both changes”."""
    names = ("mine", "version")
    hidden = {name: re.search(f'name="{name}" value="([^"]*)"', response.text)[1] for name in names}
    return {**hidden, **{f"choice:{key}": value for key, value in choices.items()}}


def press(client, article, response, **choices):
    return client.post(merge_address(article), sent_back(response, **choices))


def now(article):
    return content_of(Article.objects.get(pk=article.pk))


# Saving


def test_the_second_of_two_saves_is_refused_and_shows_both_texts(ana, grace):
    article = kept(an_article(sections=[("", "<p>Take 5 mg.</p>")]))
    first, second = fields_of(article), fields_of(article)
    body = "sections-0-body"
    assert grace.post(change(article), {**first, body: "<p>Take 0.5 mg at night.</p>"}).status_code == 302
    response = ana.post(change(article), {**second, body: "<p>Take 4 mg at noon.</p>"})
    assert response.status_code == 409
    assert Section.objects.get().body == "<p>Take 0.5 mg at night.</p>"
    for said in [
        "Grace Obi saved it on",
        "Take 0.5 mg at night.",
        "Take 4 mg at noon.",
        "Numbers that changed",
    ]:
        assert said in response.text
    assert article.revisions.count() == 2


def test_changes_of_different_parts_are_saved_with_one_press(ana, grace):
    article = kept(an_article(sections=[("", "<p>Lead.</p>"), ("Meals", "<p>Small.</p>")], tags=["diet"]))
    form = fields_of(article)
    grace.post(change(article), {**form, "sections-0-body": "<p>New lead.</p>", "tags": "diet, food"})
    response = ana.post(change(article), {**form, "title": "New title", "sections-1-body": "<p>Smaller.</p>"})
    assert "You did not change the same words" in response.text
    assert press(ana, article, response).status_code == 302
    content = now(article)
    assert content["title"] == "New title"
    assert [section["body"] for section in content["sections"]] == ["<p>New lead.</p>", "<p>Smaller.</p>"]
    assert [tag["name"] for tag in content["tags"]] == ["diet", "food"]
    newest = article.revisions.first()
    assert (newest.number, newest.saved_by, newest.summary) == (3, "Ana Ruiz", "title changed, 1 section changed")


def test_a_link_that_one_added_and_a_link_that_the_other_moved_both_survive(ana, grace):
    topics = [a_topic(f"Topic {number:02}") for number in range(20)]
    article = kept(with_see_also(an_article(), topics[:19]))
    form, rows = fields_of(article), json.loads(see_also_json(article))
    grace.post(change(article), {**form, "see_also": json.dumps([*rows, {"topic": topics[19].pk}])})
    response = ana.post(change(article), {**form, "see_also": json.dumps([rows[18], *rows[:18]])})
    assert "“Topic 18” moved 19 → 1" in response.text
    press(ana, article, response)
    titles = list(RelatedLink.objects.order_by("position").values_list("topic__title", flat=True))
    assert titles == ["Topic 18", *(f"Topic {number:02}" for number in range(18)), "Topic 19"]


def test_where_both_changed_the_same_an_editor_chooses(ana, grace):
    article = kept(an_article())
    form = fields_of(article)
    grace.post(change(article), {**form, "title": "Her title", "deck": "Her summary."})
    response = ana.post(change(article), {**form, "title": "My title", "deck": "My summary."})
    assert press(ana, article, response, title="mine").status_code == 302
    assert (now(article)["title"], now(article)["deck"]) == ("My title", "Her summary.")


def test_a_section_that_was_deleted_meanwhile_is_a_conflict_and_no_error_of_the_form(ana, grace):
    article = kept(an_article(sections=[("", "<p>Lead.</p>"), ("Meals", "<p>Small.</p>")]))
    form = fields_of(article)
    grace.post(change(article), {**form, "sections-1-DELETE": "on"})
    response = ana.post(change(article), {**form, "sections-1-body": "<p>Smaller meals.</p>"})
    assert response.status_code == 409
    press(ana, article, response, **{"sections:meals": "mine"})
    assert [section["body"] for section in now(article)["sections"]] == ["<p>Lead.</p>", "<p>Smaller meals.</p>"]


# The address


def moved_by_both(ana, grace):
    """Grace has given the article an address, and Ana another one to the version before."""
    article = kept(an_article())
    form = fields_of(article)
    assert grace.post(change(article), {**form, "slug": "her-address"}).status_code == 302
    return article, ana.post(change(article), {**form, "slug": "my-address"})


def test_of_two_new_addresses_the_second_is_a_conflict_and_not_a_silent_loss(ana, grace):
    article, response = moved_by_both(ana, grace)
    assert response.status_code == 409
    assert "Grace Obi saved it on" in response.text and "address changed" in response.text
    assert ("<legend>Address</legend>" in response.text, Article.objects.get().slug) == (True, "her-address")
    assert press(ana, article, response).status_code == 302
    assert Article.objects.get().slug == "her-address"


def test_the_editor_chooses_between_two_new_addresses_and_all_of_them_lead_to_the_page(ana, grace):
    article, response = moved_by_both(ana, grace)
    assert press(ana, article, response, slug="mine").status_code == 302
    assert Article.objects.get().slug == "my-address"
    assert article.revisions.first().summary == "address changed"
    paths = article.redirects.values_list("path", flat=True)
    assert list(paths) == ["/articles/coping-with-nausea/", "/articles/her-address/"]


def test_an_address_that_one_editor_changed_is_kept_with_the_words_of_the_other(ana, grace):
    article = kept(an_article())
    form = fields_of(article)
    grace.post(change(article), {**form, "title": "Her title"})
    response = ana.post(change(article), {**form, "slug": "my-address"})
    assert "<legend>" not in response.text
    press(ana, article, response)
    assert (Article.objects.get().title, Article.objects.get().slug) == ("Her title", "my-address")
    stale = ana.post(change(article), {**form, "deck": "My summary."})  # this form knew the first address only
    press(ana, article, stale)
    assert (Article.objects.get().slug, Article.objects.get().deck) == ("my-address", "My summary.")


def test_an_address_that_another_page_gets_while_the_conflict_is_read_is_said_and_nothing_is_lost(ana, grace):
    article = kept(an_article())
    form = fields_of(article)
    grace.post(change(article), {**form, "title": "Her title"})
    response = ana.post(change(article), {**form, "slug": "my-address", "deck": "My summary."})
    an_article("Other", slug="my-address")
    again = press(ana, article, response)
    assert again.status_code == 409
    assert "Another page has this address. Choose a different one." in again.text
    assert "The address stays “coping-with-nausea” in this save." in again.text
    assert press(ana, article, again).status_code == 302
    article.refresh_from_db()
    assert (article.slug, article.title, article.deck) == ("coping-with-nausea", "Her title", "My summary.")


# What can't be merged


def test_a_stale_form_with_an_error_shows_the_error_and_changes_nothing(ana, grace):
    article = kept(an_article())
    form = fields_of(article)
    grace.post(change(article), {**form, "sections-0-DELETE": "on"})
    before = now(article)
    response = ana.post(change(article), {**form, "title": "", "sections-0-body": "<p>Mine.</p>"})
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["title"]
    assert "&lt;p&gt;Mine.&lt;/p&gt;" in response.text
    assert now(article) == before


def test_an_article_without_a_kept_version_asks_about_every_difference(ana, grace):
    article = an_article()
    form = fields_of(article)
    grace.post(change(article), {**form, "title": "Her title"})
    response = ana.post(change(article), {**form, "deck": "My summary."})
    assert "nobody can tell who changed what" in response.text
    press(ana, article, response, deck="mine")
    assert (now(article)["title"], now(article)["deck"]) == ("Her title", "My summary.")


@pytest.mark.parametrize("version", ["", "abc", "\x00", "-1", "9" * 5_000, "1.5", None])
def test_a_version_that_can_not_be_is_a_sentence_in_the_form(ana, version):
    article = kept(an_article())
    fields = {**fields_of(article, title="Other"), "version": version}
    response = ana.post(change(article), {name: value for name, value in fields.items() if value is not None})
    assert response.status_code == 200
    assert "It is not known which version of the article this form started from." in response.text
    assert now(article)["title"] == "Coping with nausea"


@pytest.mark.parametrize("version", ["0", "2", "2147483647"])
def test_a_version_that_was_never_shown_is_a_conflict(ana, version):
    article = kept(an_article())
    assert save(ana, article, title="Other", version=version).status_code == 409
    assert now(article)["title"] == "Coping with nausea"


def test_a_new_article_is_its_first_revision(ana):
    fields = {"title": "New", "kind": "test", "language": "en", "sections-TOTAL_FORMS": 0, "sections-INITIAL_FORMS": 0}
    fields |= {"references-TOTAL_FORMS": 0, "references-INITIAL_FORMS": 0}
    assert ana.post(reverse("admin:articles_article_add"), fields).status_code == 302
    article = Article.objects.get()
    assert [(row.number, row.saved_by) for row in article.revisions.all()] == [(1, "Ana Ruiz")]
    assert article.version == 1


def test_what_was_typed_into_a_deleted_article_is_there_to_copy(ana, grace):
    topic = a_topic("Ginger")
    article = kept(with_see_also(an_article(tags=["diet"]), [topic]))
    form = fields_of(article, title="Typed title", **{"sections-0-body": "<p>Typed text.</p>"})
    grace.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"})
    response = ana.post(change(article), form)
    assert response.status_code == 409
    words = ["Typed title", "Typed text.", "coping-with-nausea", "diet", "Ginger [topic:ginger]"]
    for said in ["This article has been deleted", *words]:
        assert said in response.text
    assert not Article.objects.exists()


def test_twenty_rounds_of_stale_saves_lose_nothing(ana, grace):
    article = kept(an_article(sections=[("", "<p>0</p>"), ("Meals", "<p>0</p>")]))
    for number in range(1, 21):
        article.refresh_from_db()
        form = fields_of(article)
        grace.post(change(article), {**form, "sections-0-body": f"<p>Grace {number}</p>"})
        response = ana.post(change(article), {**form, "sections-1-body": f"<p>Ana {number}</p>"})
        assert press(ana, article, response).status_code == 302
        bodies = [section["body"] for section in now(article)["sections"]]
        assert bodies == [f"<p>Grace {number}</p>", f"<p>Ana {number}</p>"]
    assert article.revisions.count() == 41


# The page of the conflict


@pytest.fixture
def conflict(ana, grace):
    article = kept(an_article())
    form = fields_of(article)
    grace.post(change(article), {**form, "title": "Her title"})
    return article, ana.post(change(article), {**form, "title": "My title"})


def test_a_save_while_the_conflict_is_read_is_a_conflict_again(ana, grace, conflict):
    article, response = conflict
    article.refresh_from_db()
    save(grace, article, title="Her newest title")
    again = press(ana, article, response, title="mine")
    assert again.status_code == 409
    assert "Her newest title" in again.text
    assert re.search(r'value="mine" checked', again.text)  # the choice is kept
    assert now(article)["title"] == "Her newest title"
    assert press(ana, article, again, title="mine").status_code == 302
    assert now(article)["title"] == "My title"


@pytest.mark.parametrize("damage", ["", "abc", "\x00", "cut", "other", "old"])
def test_a_text_that_was_tampered_with_changes_nothing(ana, conflict, damage, monkeypatch):
    article, response = conflict
    fields = sent_back(response)
    address = merge_address(article)
    if damage == "cut":
        fields["mine"] = fields["mine"][:-1]
    elif damage == "other":
        address = merge_address(an_article("Other"))
    elif damage == "old":
        later = time.time() + 31 * 24 * 3600
        monkeypatch.setattr(time, "time", lambda: later)
        ana = signed_in(User.objects.get(username="ana"))
    else:
        fields["mine"] = damage
    answer = ana.post(address, {**fields, "choice:title": "mine"})
    assert (answer.status_code, "came back damaged" in answer.text) == (400, True)
    assert now(article)["title"] == "Her title"


def test_nothing_is_saved_in_the_name_of_another_account(grace, conflict):
    article, response = conflict
    answer = grace.post(merge_address(article), sent_back(response))
    assert (answer.status_code, "Somebody wrote this under another account" in answer.text) == (409, True)
    assert "My title" in answer.text  # to copy
    assert (now(article)["title"], article.revisions.count()) == ("Her title", 2)


def test_without_a_version_the_page_is_shown_again(ana, conflict):
    article, response = conflict
    for version in ["", "abc", "999"]:
        assert ana.post(merge_address(article), {**sent_back(response), "version": version}).status_code == 409
    assert now(article)["title"] == "Her title"


def test_an_article_deleted_while_the_conflict_is_read_leaves_the_text_to_copy(ana, conflict):
    article, response = conflict
    fields = sent_back(response)
    Article.objects.get().delete()
    answer = ana.post(merge_address(article), fields)
    assert (answer.status_code, "My title" in answer.text) == (409, True)


def test_who_may_change_nothing_any_more_saves_nothing(conflict):
    article, response = conflict
    user = staff("change_article")
    writer = signed_in(user)
    assert writer.get(change(article)).status_code == 200
    user.user_permissions.clear()
    assert writer.post(merge_address(article), sent_back(response)).status_code == 403
    assert writer.get(merge_address(article)).status_code == 403
    for version in (1, 2):  # stale or not
        assert save(writer, article, title="Mine", version=version).status_code == 403
    assert now(article)["title"] == "Her title"


def test_the_address_of_the_merge_leads_back_to_the_article(ana, conflict):
    article, _ = conflict
    assert ana.get(merge_address(article)).url == change(article)
    for pk in ["abc", "9" * 30, "%00"]:
        assert ana.post(f"/admin/articles/article/{pk}/merge/").status_code == 404


@pytest.mark.parametrize("evil", SCRIPTS)
def test_nothing_that_was_typed_runs_as_a_script(evil):
    by = signed_in(User.objects.create_superuser("eve", first_name=evil[:150]))
    article = kept(with_see_also(an_article(evil, sections=[(evil, "<p>x</p>")], tags=["a"]), [a_topic(evil)]))
    article.references.create(position=1, text=evil)
    form = fields_of(article)
    escaped = {"title": evil + "1", "deck": evil, "sections-0-body": "<p>&lt;script&gt;y</p>", "tags": f'"{evil} a"'}
    by.post(change(article), {**form, **escaped, "sections-0-heading": evil + "h", "see_also": ""})
    ours = {"title": evil + "2", "slug": "x", "sections-0-heading": evil + "i", "tags": f'"{evil} b"'}
    response = by.post(change(article), {**form, **ours})
    assert response.status_code == 409
    for raw in SCRIPTS:
        assert raw not in response.text
    assert "&lt;script&gt;" in response.text
    address = change(article)
    article.delete()
    deleted = by.post(address, {**form, **ours})
    assert (deleted.status_code, any(raw in deleted.text for raw in SCRIPTS)) == (409, False)


# Acts


@pytest.mark.parametrize("act", [Act.SIGN_OFF, Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_UNSIGNED, Act.WITHDRAW])
@pytest.mark.parametrize("version", ["1", "", "abc", "9" * 30, None])
def test_nobody_acts_on_a_text_that_he_has_not_seen(ana, grace, act, version):
    article = in_state(ACTS[act][0])
    save(grace, article, title="Her title")
    before = everything()
    fields = sent_for(act, article, version=version)
    response = ana.post(page_of(act, article), {key: value for key, value in fields.items() if value is not None})
    assert (response.status_code, UNSEEN in response.text) == (409, True)
    assert everything() == before


def test_what_was_seen_is_published(ana):
    article = signed_off(an_article())
    address = page_of(Act.PUBLISH, article)
    assert 'name="version" value="1"' in ana.get(address).text
    assert ana.post(address, {"change": "major", "version": 1}).status_code == 302
    assert Edition.objects.get().version == 1
