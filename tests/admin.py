"""Signing in to the admin over HTTPS, and the form that a browser would send back for an article."""

import json
from http.cookies import SimpleCookie

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from articles.ordering import stored_rows


class HttpsClient(Client):
    def generic(self, *args, **kwargs):
        return super().generic(*args, **{**kwargs, "secure": True})


def signed_in(user=None) -> HttpsClient:
    """Somebody who may do everything, unless a user is given."""
    client = HttpsClient()
    client.force_login(user or User.objects.create_superuser("ana", first_name="Ana", last_name="Ruiz"))
    return client


def another(client: HttpsClient) -> HttpsClient:
    """A client with the same session, which nothing has been done with: signing in anew takes longer."""
    same = HttpsClient()
    same.cookies = SimpleCookie(client.cookies)
    return same


def staff(*permissions: str) -> User:
    user = User.objects.create_user(f"staff-{User.objects.count()}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def change(page) -> str:
    return reverse(f"admin:articles_{page._meta.model_name}_change", args=[page.pk])


def fields_of(article, **changed) -> dict:
    """What the browser sends for an article in which nothing was touched but `changed`."""
    sections = list(article.sections.all())
    fields = {
        "version": article.version,
        "title": article.title,
        "deck": article.deck,
        "kind": article.kind,
        "language": article.language,
        "translation_of": article.translation_of_id or "",
        "slug": article.slug,
        "about": [topic.pk for topic in article.about.all()],
        "tags": ", ".join(tag.name for tag in article.tags.all()),
        "see_also": see_also_json(article),
        "sections-TOTAL_FORMS": len(sections),
        "sections-INITIAL_FORMS": len(sections),
        "references-TOTAL_FORMS": 0,
        "references-INITIAL_FORMS": 0,
    }
    for number, section in enumerate(sections):
        fields |= {
            f"sections-{number}-id": section.pk,
            f"sections-{number}-article": article.pk,
            f"sections-{number}-heading": section.heading,
            f"sections-{number}-position": section.position,
            f"sections-{number}-body": section.body,
        }
    return {**fields, **changed}


def see_also_json(article) -> str:
    rows = [
        {"topic": row.topic, "article": row.article, "url": row.url, "label": row.label} for row in stored_rows(article)
    ]
    return json.dumps([{name: value for name, value in row.items() if value} for row in rows])


def save(client, article, **changed):
    return client.post(change(article), fields_of(article, **changed))
