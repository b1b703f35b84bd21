"""What an editor learns of an article's past: its versions, what changed between any two, and the way back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from articles.models import Article, Revision
from articles.people import Person
from articles.revising import revision, take_up, working_copy
from tests.admin import HttpsClient, change, fields_of, save, signed_in, staff
from tests.builders import (
    GRACE,
    IMPORT,
    NOON,
    a_topic,
    an_article,
    published,
    scheduled,
    sent,
    signed_and_published,
    signed_off,
    with_see_also,
    wrote,
)

pytestmark = pytest.mark.django_db
SCRIPTS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']


@pytest.fixture
def editor():
    return signed_in()


def who_may_everything(kind: str) -> HttpsClient:
    """A superuser, or somebody who has all permissions through the groups: they are two queries more."""
    if kind == "superuser":
        return signed_in()
    member = User.objects.create_user("member", is_staff=True)
    member.groups.set(Group.objects.all())
    return signed_in(member)


BOTH_KINDS = pytest.mark.parametrize("kind", ["superuser", "member of groups"])


def address(name, article, *more):
    return reverse(f"admin:articles_article_{name}", args=[article.pk, *more])


def kept(article, by=IMPORT):
    with revision(article, version=article.version, at=NOON, by=by):
        pass
    return article


def dosed(body="<p>Take 5 mg.</p><p>Rest.</p><p>Sleep.</p><p>Eat.</p>", **fields):
    return kept(an_article(sections=[("", body)], **fields))


# The list


def test_the_history_says_what_each_save_changed_and_who_saved(editor):
    article = dosed()
    save(editor, article, title="Living with nausea", **{"sections-0-body": "<p>Take 4 mg.</p>"})
    page = editor.get(address("history", article)).text
    for said in ["Version 1", "first version", "Import", "Version 2", "title changed, 1 section changed", "Ana Ruiz"]:
        assert said in page
    assert f"{address('compare', article)}?from=1&amp;to=2" in page
    assert address("restore", article, 1) in page
    assert address("restore", article, 2) not in page  # it is what is saved now


def test_the_acts_stand_below(editor):
    article = signed_and_published(dosed(), note="First text.")
    page = editor.get(address("history", article)).text
    assert "<strong>Published</strong> (edition 1, major): First text." in page
    assert f"{address('compare', article)}?from=live&amp;to=1" in page


def with_500_versions() -> Article:
    """The last one is a correction of the live text, so a draft was put aside."""
    article = published(an_article())
    article.sections.update(body="<p>A draft.</p>")
    content = working_copy(article)
    Revision.objects.bulk_create(
        Revision(article=article, number=n, content=content, summary=f"save {n}", saved_at=NOON, saved_by="Ana")
        for n in range(1, 500)
    )
    Article.objects.update(version=499)
    article.refresh_from_db()
    return take_up(article, article.editions.get(), version=499, at=NOON, by=GRACE)


@BOTH_KINDS
def test_the_history_of_500_versions_takes_10_queries(kind, django_assert_max_num_queries):
    article, client = with_500_versions(), who_may_everything(kind)
    with django_assert_max_num_queries(10):
        page = client.get(address("history", article)).text
    assert "Version 499 was put aside" in page


def test_500_versions_are_ten_pages(editor):
    article = with_500_versions()
    first = editor.get(address("history", article)).text
    assert first.count("<strong>Version ") == 50
    assert "500 versions" in first
    second = editor.get(address("history", article), {"p": 2}).text
    assert "from=400&amp;to=401" in second  # the one before stands on the next page
    for strange in ["0", "x", "\x00", "9" * 30]:
        assert editor.get(address("history", article), {"p": strange}).status_code == 200


def test_who_may_look_sees_the_history_and_no_way_back():
    article = dosed()
    save(signed_in(), article, title="Other")
    reader = signed_in(staff("view_article"))
    assert "Restore" not in reader.get(address("history", article)).text
    assert reader.get(address("compare", article)).status_code == 200
    assert reader.get(address("restore", article, 1)).status_code == 403
    stranger = signed_in(staff())
    for name in ["history", "compare"]:
        assert stranger.get(address(name, article)).status_code == 403


# Comparing


def test_what_is_saved_is_compared_with_what_patients_read(editor):
    article = published(dosed())
    save(editor, article, **{"sections-0-body": "<p>Take 0.5 mg.</p><p>Rest.</p><p>Sleep.</p><p>Eat.</p>"})
    page = " ".join(editor.get(address("compare", article)).text.split())
    for said in [
        "From <strong>edition 1</strong> to <strong>the article as it is saved now</strong>: 1 section changed.",
        'Take <del><span class="visually-hidden">removed: </span>5</del>'
        '<ins><span class="visually-hidden">added: </span>0.5</ins> mg.',
        "3 lines unchanged",
        "Numbers that changed",
    ]:
        assert said in page


def test_a_move_of_one_of_98_links_is_one_line(editor):
    article = kept(with_see_also(an_article(), 98))
    published(article)
    link = article.related_links.get(position=98)
    link.position = 0
    link.save()
    page = editor.get(address("compare", article)).text
    assert "“Related topic 098” moved 98 → 1" in page
    assert page.count("moved") == 2  # there, and in the line that sums up


def test_any_two_versions_are_compared(editor):
    article = dosed()
    save(editor, article, title="Second title")
    page = editor.get(address("compare", article), {"from": "2", "to": "1"}).text
    assert "From <strong>version 2, saved by Ana Ruiz</strong> to <strong>version 1, saved by Import</strong>" in page


def test_without_an_edition_there_is_nothing_to_compare_with(editor):
    assert "Patients have read nothing of this article yet" in editor.get(address("compare", dosed())).text


@pytest.mark.parametrize("name", ["3", "0", "x", "\x00", "-1", "9" * 30, ""])
def test_a_version_that_there_never_was_is_not_found(editor, name):
    article = dosed()
    assert editor.get(address("compare", article), {"from": name}).status_code == 404
    assert editor.get(address("compare", article), {"to": name}).status_code == 404
    assert editor.get(f"{address('history', article)}{name or 0}/restore/").status_code == 404


@BOTH_KINDS
def test_comparing_99_links_takes_10_queries(kind, django_assert_max_num_queries):
    article = kept(with_see_also(an_article(tags=["a"], about=[a_topic("MRI")]), 99))
    article.references.create(position=1, text="Temel 2010")
    published(article)
    client = who_may_everything(kind)
    for query in [{}, {"from": "1"}, {"from": "1", "to": "live"}]:
        with django_assert_max_num_queries(10):
            assert client.get(address("compare", article), query).status_code == 200


@BOTH_KINDS
def test_saving_an_article_with_99_unchanged_links_takes_40_queries(kind, django_assert_max_num_queries):
    """With the session, the permissions, the savepoints, the revision, the audit trail and the admin's own log."""
    topics = [a_topic("MRI"), a_topic("X-ray")]
    sections = [("", "<p>Lead.</p>"), *((f"Part {number}", "<p>Words.</p>") for number in range(12))]
    article = kept(with_see_also(an_article(tags=["a", "b", "c"], about=topics, sections=sections), 99))
    published(article)
    client = who_may_everything(kind)
    form = fields_of(article, title="New title", **{"sections-0-body": "<p>New lead.</p>"})
    with django_assert_max_num_queries(40):
        assert client.post(change(article), form).status_code == 302
    assert article.revisions.first().summary == "title changed, 1 section changed"


def test_an_address_is_compared_where_both_versions_know_it(editor):
    article = published(dosed())
    save(editor, article, slug="nausea")
    assert "From <strong>edition 1</strong>" in (page := editor.get(address("compare", article)).text)
    assert "Nothing changed." in page  # patients have the address already
    between = editor.get(address("compare", article), {"from": "1"}).text
    assert "address changed" in between
    assert "nausea" in between


# What is shown to those who decide


DECISIONS = ["sign_off", "publish", "schedule", "publish_unsigned"]


@pytest.mark.parametrize("act", DECISIONS)
def test_before_the_first_edition_everything_is_new(editor, act):
    article = signed_off(dosed()) if act in ("publish", "schedule") else sent(dosed())
    page = editor.get(address(act, article)).text
    assert "<h2>What changes for patients</h2>" in page
    assert "all of it is new" in page
    for words in ["Coping with nausea", "What helps when you feel sick.", "Take 5 mg."]:
        assert f'<ins><span class="visually-hidden">added: </span>{words}</ins>' in page
    assert "Numbers that changed" not in page  # there were none before


@pytest.mark.parametrize("act", DECISIONS)
def test_what_is_pending_is_compared_with_what_patients_read(editor, act):
    article = signed_and_published(dosed())
    article = wrote(article, body="<p>Take 0.5 mg.</p><p>Rest.</p><p>Sleep.</p><p>Eat.</p>")
    article = signed_off(article) if act in ("publish", "schedule") else sent(article)
    page = editor.get(address(act, article)).text
    for said in ["Patients read edition 1 now", "since edition 1", "Numbers that changed", "3 lines unchanged"]:
        assert said in page


def test_what_is_pending_is_compared_with_an_edition_that_is_to_go_live_before_it(editor):
    article = wrote(signed_and_published(dosed()), body="<p>Take 4 mg.</p>")
    article = scheduled(article, NOON + timedelta(days=900))
    page = editor.get(address("publish", article)).text
    assert "Edition 2 goes live on May 10, 2029, 12:00 (UTC). What is decided here comes after it." in page
    assert "Nothing changed." in page
    article = sent(wrote(article, body="<p>Take 3 mg.</p>"))
    page = " ".join(editor.get(address("sign_off", article)).text.split())
    for said in ["Patients read edition 1 now", "since edition 2", ">4 mg</del>", ">3 mg</ins>"]:
        assert said in page


def test_a_first_edition_that_is_to_go_live_is_not_said_to_be_there(editor):
    article = scheduled(dosed(), NOON + timedelta(days=900))
    page = editor.get(address("schedule", article)).text
    assert "Patients see nothing of this article yet." in page
    assert "The first edition freezes it" not in page


# Restoring


def test_an_earlier_version_is_asked_about_and_restored(editor):
    article = dosed(tags=["diet"])
    first = working_copy(article)
    save(editor, article, title="Second title", tags="", **{"sections-0-body": "<p>Take 4 mg.</p>"})
    page = editor.get(address("restore", article, 1)).text
    assert "What restoring changes" in page
    assert Article.objects.get().title == "Second title"  # a GET asks
    response = editor.post(address("restore", article, 1), {"version": 2})
    assert response.url == change(article)
    assert working_copy(Article.objects.get()) == first
    assert article.revisions.first().summary == "version 1 restored"


def test_nothing_is_restored_over_a_save_that_was_not_seen(editor):
    article = dosed()
    save(editor, article, title="Second title")
    for version in ["1", "", "abc"]:
        assert editor.post(address("restore", article, 1), {"version": version}).status_code == 409
    assert Article.objects.get().title == "Second title"


def test_restoring_needs_the_permission_to_change_and_no_more():
    article = dosed()
    save(signed_in(), article, title="Second title")
    user = staff("change_article")
    writer = signed_in(user)
    assert writer.get(address("restore", article, 1)).status_code == 200
    user.user_permissions.clear()
    assert writer.post(address("restore", article, 1), {"version": 2}).status_code == 403
    assert Article.objects.get().title == "Second title"


# Whatever was typed


@pytest.mark.parametrize("evil", SCRIPTS)
def test_nothing_that_was_typed_runs_as_a_script(evil):
    client = signed_in(User.objects.create_superuser("eve", first_name=evil))
    article = kept(
        an_article(evil, deck=evil, sections=[(evil, "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")]), by=Person(evil)
    )
    published(article, by=Person(evil), note=evil)
    topic = a_topic(evil)
    with revision(article, version=1, at=NOON, by=Person(evil), summary=evil):
        article.references.create(position=1, text=evil)
        article.tags.set([f"{evil} a"])
        article.about.set([topic])
        with_see_also(article, [topic])
        article.related_links.update(label=evil)
        article.sections.update(heading=evil + "!")
    names = ["history", "compare", "publish"]
    pages = [client.get(address(name, article)) for name in names]
    pages += [client.get(address("compare", article), {"from": 1, "to": 2}), client.get(address("restore", article, 1))]
    for page in pages:
        assert page.status_code == 200
        assert not any(raw in page.text for raw in SCRIPTS)
    assert all("alert(1)" in page.text for page in pages)
