"""Every act leaves a row that nobody can change: who, when, what it was before and after, and why."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from articles.models import AuditEntry, Topic
from articles.models.ledger import LedgerError
from articles.publishing import bring_back, withdraw
from articles.revising import revision
from tests.builders import ANA, GRACE, NOON, YESTERDAY, a_topic, an_article, publish, published, reviewed

pytestmark = pytest.mark.django_db


def rows():
    return list(AuditEntry.objects.order_by("id").values_list("action", "by", "page_title", "reason"))


def test_every_act_leaves_one_row():
    article = an_article()
    with revision(article, version=0, at=YESTERDAY, by=ANA):
        pass
    publish(article, at=YESTERDAY, by=GRACE)
    reviewed(article)
    withdraw(article, at=NOON, by=GRACE, reason="The advice has changed.")
    bring_back(article, at=NOON, by=ANA)
    assert rows() == [
        ("saved", "Ana Ruiz", "Coping with nausea", ""),
        ("published", "Grace Obi", "Coping with nausea", "Imported."),
        ("reviewed", "Grace Obi", "Coping with nausea", ""),
        ("withdrawn", "Grace Obi", "Coping with nausea", "The advice has changed."),
        ("brought_back", "Ana Ruiz", "Coping with nausea", ""),
    ]


def test_a_save_is_kept_with_before_and_after_of_what_changed_and_nothing_else():
    article = an_article(sections=[("", "<p>Take 5 mg.</p>")])
    with revision(article, version=0, at=YESTERDAY, by=ANA):
        pass
    with revision(article, version=1, at=NOON, by=GRACE):
        section = article.sections.get()
        section.body = "<p>Take 0.5 mg.</p>"
        section.save()
    (change,) = AuditEntry.objects.first().changes
    assert change["field"] == "sections"
    assert (change["before"][0]["body"], change["after"][0]["body"]) == ("<p>Take 5 mg.</p>", "<p>Take 0.5 mg.</p>")
    assert AuditEntry.objects.first().summary == "1 section changed"


def test_a_save_that_changes_nothing_leaves_no_row():
    article = an_article()
    for version in (0, 1):
        with revision(article, version=version, at=NOON, by=ANA):
            pass
    assert len(rows()) == 1


def test_an_act_that_fails_leaves_no_row():
    article = an_article(sections=[])
    with pytest.raises(Exception, match="no text"):
        publish(article, at=NOON, by=ANA)
    assert rows() == []


def test_the_trail_is_neither_changed_nor_deleted():
    published()
    entry = AuditEntry.objects.get()
    for attempt in [
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(by="X"),
    ]:
        with pytest.raises(LedgerError):
            attempt()
    for statement in ("UPDATE articles_auditentry SET by = 'X'", "DELETE FROM articles_auditentry"):
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def publisher():
    user = User.objects.create_superuser("ana", first_name="Ana", last_name="Ruiz")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return user, client


def test_a_change_of_a_topic_is_kept_with_what_it_said_before():
    topic = a_topic("MRI", other_names=["Magnetic scan"], tags=["imaging"])
    _, client = publisher()
    form = {
        "title": "MRI",
        "kind": "test",
        "kind_settled": "on",
        "definition": "A scan with a magnet.",
        "slug": "mri",
        "tags": "imaging",
    }
    inlines = {f"{name}-{count}_FORMS": 0 for name in ("other_names", "codes") for count in ("TOTAL", "INITIAL")}
    url = reverse("admin:articles_topic_change", args=[topic.pk])
    response = client.post(url, form | inlines, secure=True)
    assert response.status_code == 302, response.text
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.page_kind, len(entry.request_id)) == ("Ana Ruiz", "topic", 16)
    assert entry.changes == [{"field": "definition", "before": "What MRI is.", "after": "A scan with a magnet."}]
    client.post(url, form | inlines, secure=True)
    assert AuditEntry.objects.count() == 1  # nothing changed, nothing to keep


def test_the_trail_outlives_the_account_and_the_page():
    user, _ = publisher()
    article = an_article("Draft")
    with revision(article, version=0, at=NOON, by=ANA):
        pass
    article.delete()
    user.delete()
    assert rows() == [("saved", "Ana Ruiz", "Draft", "")]


def test_even_a_superuser_can_only_read_the_trail():
    published(an_article("<script>alert(1)</script>"))
    _, client = publisher()
    entry = AuditEntry.objects.get()
    page = client.get(reverse("admin:articles_auditentry_change", args=[entry.pk]), secure=True)
    assert page.status_code == 200 and "<script>alert(1)" not in page.text and "_save" not in page.text
    assert (
        client.post(
            reverse("admin:articles_auditentry_delete", args=[entry.pk]), {"post": "yes"}, secure=True
        ).status_code
        == 403
    )
    assert (
        client.post(reverse("admin:articles_auditentry_change", args=[entry.pk]), {"by": "X"}, secure=True).status_code
        == 403
    )
    assert AuditEntry.objects.get().by == "Ana Ruiz"
    assert Topic.objects.count() == 0
