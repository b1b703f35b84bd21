"""Who may open what: every address of the admin, for every role. An address without a row here fails the suite."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from articles.models import AuditEntry
from articles.revising import revision
from tests.builders import NOON, a_topic, an_article, published, reviewed

pytestmark = pytest.mark.django_db

A, C, P, D, X = "Author", "Clinical reviewer", "Publisher", "Date reviewer", "Administrator"
ROLES = [A, C, P, D, X]
ALL, WRITERS, PUBLISHERS, REVIEWERS = {A, C, P, D, X}, {A, P, X}, {P, X}, {C, D, X}
NOBODY, PEOPLE = set(), {X}

# The address, the object it is about, and who is shown the page. Everybody else gets 403.
MATRIX = {
    "articles_article_changelist": ("", ALL),
    "articles_article_add": ("", WRITERS),
    "articles_article_change": ("draft", ALL),
    "articles_article_history": ("draft", ALL),
    "articles_article_delete": ("draft", PUBLISHERS),
    "articles_article_publish": ("draft", PUBLISHERS),
    "articles_article_withdraw": ("live", PUBLISHERS),
    "articles_article_bring_back": ("live", PUBLISHERS),
    "articles_article_lookup": ("", WRITERS),
    "articles_article_compare": ("draft", ALL),
    "articles_article_restore": ("revision", WRITERS),
    "articles_topic_changelist": ("", ALL),
    "articles_topic_add": ("", PUBLISHERS),
    "articles_topic_change": ("topic", ALL),
    "articles_topic_history": ("topic", ALL),
    "articles_topic_delete": ("topic", NOBODY),
    "articles_topic_withdraw": ("topic", PUBLISHERS),
    "articles_topic_bring_back": ("topic", PUBLISHERS),
    "articles_tag_changelist": ("", ALL),
    "articles_tag_add": ("", PUBLISHERS),
    "articles_tag_change": ("tag", ALL),
    "articles_tag_history": ("tag", ALL),
    "articles_tag_delete": ("tag", PEOPLE),
    "articles_edition_changelist": ("", ALL),
    "articles_edition_add": ("", NOBODY),
    "articles_edition_change": ("edition", ALL),
    "articles_edition_history": ("edition", ALL),
    "articles_edition_delete": ("edition", NOBODY),
    "articles_redirect_changelist": ("", ALL),
    "articles_redirect_add": ("", NOBODY),
    "articles_redirect_change": ("redirect", ALL),
    "articles_redirect_history": ("redirect", ALL),
    "articles_redirect_delete": ("redirect", NOBODY),
    "articles_review_changelist": ("", ALL),
    "articles_review_add": ("", REVIEWERS),
    "articles_review_change": ("review", ALL),
    "articles_review_history": ("review", ALL),
    "articles_review_delete": ("review", NOBODY),
    "articles_auditentry_changelist": ("", ALL),
    "articles_auditentry_add": ("", NOBODY),
    "articles_auditentry_change": ("entry", ALL),
    "articles_auditentry_history": ("entry", ALL),
    "articles_auditentry_delete": ("entry", NOBODY),
    "auth_user_changelist": ("", PEOPLE),
    "auth_user_add": ("", PEOPLE),
    "auth_user_change": ("user", PEOPLE),
    "auth_user_history": ("user", PEOPLE),
    "auth_user_delete": ("user", NOBODY),
    "auth_user_password_change": ("user", PEOPLE),
    "auth_group_changelist": ("", PEOPLE),
    "auth_group_add": ("", PEOPLE),
    "auth_group_change": ("group", PEOPLE),
    "auth_group_history": ("group", PEOPLE),
    "auth_group_delete": ("group", NOBODY),
    "index": ("", ALL),
    "password_change": ("", ALL),
    "password_change_done": ("", ALL),
    "app_list": ("app", ALL),
}
# Addresses that have their own rule: open to all, only for POST, or asked by the pages themselves.
APART = {
    "login": "open to everybody",
    "logout": "POST only; ends the session",
    "jsi18n": "translations for scripts",
    "autocomplete": "asks for the permission of the field (test_admin_robust)",
    "view_on_site": "redirects to the public page",
    "articles_article_merge": "POST only, asks for the permission to change the article (test_admin_conflicts)",
    "articles_article_lookup_titles": "POST only, writers only (test_admin_see_also)",
}


@pytest.fixture
def things():
    topic = a_topic("MRI", tags=["imaging"])
    topic.slug = "magnetic-resonance-imaging"
    topic.save()
    live, draft = published(an_article("Live page")), an_article("Draft")
    with revision(draft, version=0, at=NOON, by="Ana Ruiz"):
        pass
    return {
        "draft": draft,
        "revision": draft.revisions.get(),
        "live": live,
        "topic": topic,
        "tag": topic.tags.get(),
        "edition": live.editions.get(),
        "redirect": topic.redirects.get(),
        "review": reviewed(live),
        "entry": AuditEntry.objects.first(),
        "user": User.objects.create_user("somebody"),
        "group": Group.objects.first(),
    }


def client_of(role):
    client = Client(headers={"host": "localhost"})
    if role:
        user = User.objects.create_user(role.split()[0].lower(), is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
    return client


def address(name, things):
    thing, _ = MATRIX[name]
    if thing == "app":
        return reverse(f"admin:{name}", args=["articles"])
    if thing == "revision":
        return reverse(f"admin:{name}", args=[things[thing].article_id, things[thing].number])
    return reverse(f"admin:{name}", args=[things[thing].pk] if thing else [])


def test_every_address_of_the_admin_has_a_row():
    names = {pattern.name for pattern in _patterns(admin.site.urls[0]) if pattern.name}
    assert names - set(MATRIX) - set(APART) == set()
    assert set(MATRIX) | set(APART) <= names


def _patterns(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_shown_what_it_may_see_and_nothing_else(role, things):
    client = client_of(role)
    expected = {name: 200 if role in allowed else 403 for name, (_, allowed) in MATRIX.items()}
    assert {name: client.get(address(name, things), secure=True).status_code for name in MATRIX} == expected


@pytest.mark.parametrize("role", [None, "nobody special"])
def test_who_is_no_staff_is_asked_to_sign_in(role, things):
    client = client_of(None)
    if role:
        client.force_login(User.objects.create_user("patient"))
    for name in MATRIX:
        response = client.get(address(name, things), secure=True)
        assert (response.status_code, "/admin/login/" in response.headers.get("Location", "")) == (302, True), name


@pytest.mark.parametrize("role", ROLES)
def test_only_publishers_change_what_patients_read(role, things):
    """A POST is asked for the same permission as the page, for an article that is a draft and one that is live."""
    client = client_of(role)
    status = set()
    for name in ("publish", "withdraw", "bring_back"):
        for thing in ("draft", "live"):
            url = reverse(f"admin:articles_article_{name}", args=[things[thing].pk])
            status.add(client.post(url, {}, secure=True).status_code)
    url = reverse("admin:articles_topic_change", args=[things["topic"].pk])
    status.add(client.post(url, {"title": "X"}, secure=True).status_code)
    assert (403 in status) is (role not in PUBLISHERS)
    assert status == {403} or role in PUBLISHERS


def test_a_permission_that_is_taken_away_is_gone_with_the_next_request(things):
    client = client_of(P)
    url = reverse("admin:articles_article_publish", args=[things["draft"].pk])
    assert client.get(url, secure=True).status_code == 200
    User.objects.get(username="publisher").groups.clear()
    assert client.post(url, {"change": "major"}, secure=True).status_code == 403
    assert not things["draft"].editions.exists()


def test_a_date_reviewer_reads_articles_and_can_not_save_them(things):
    client = client_of(D)
    url = reverse("admin:articles_article_change", args=[things["draft"].pk])
    assert "_save" not in client.get(url, secure=True).content.decode()
    assert client.post(url, {"title": "Changed"}, secure=True).status_code == 403
