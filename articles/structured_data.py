"""What search engines and other machines read of a page: schema.org in JSON-LD, with the dates that patients see."""

import json
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.html import _json_script_escapes
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles.kinds import Kind
from articles.models import Edition, Topic

# What a topic is to schema.org; the others, such as a video, are only known to be about health.
ENTITIES = {Kind.CONDITION: "MedicalCondition", Kind.TEST: "MedicalTest", Kind.TREATMENT: "MedicalTherapy"}


def medical_web_page(edition: Edition, *, url: str) -> SafeString:
    """A MedicalWebPage (schema.org). `lastReviewed` and `reviewedBy` stand there only when a review exists that was made
    here: a review that only the source states proves nothing to a machine.

    The result may stand inside a script element: <, > and & are written as escapes of JSON.
    """
    page = {
        **_page(edition.title, edition.deck, edition.kind_of_page, url=url),
        "datePublished": edition.published_on.isoformat(),
        "dateModified": (edition.updated_on or edition.published_on).isoformat(),
        "about": [{"@type": "MedicalEntity", "name": topic["title"]} for topic in edition.content["about"]],
        "keywords": [tag.get("public", tag["name"]) for tag in edition.content["tags"]],
        "citation": [reference["text"] for reference in edition.content["references"]],
    }
    if edition.reviewed_on:
        page["lastReviewed"] = edition.reviewed_on.isoformat()
        page["reviewedBy"] = _reviewer(edition)
    return _script(page)


def topic_page(topic: Topic, *, url: str) -> SafeString:
    """The same of a topic, with its other names. It has no dates: its definition is public as saved, and nobody signs it."""
    kind = Kind(topic.kind)
    about = {"@type": ENTITIES.get(kind, "MedicalEntity"), "name": topic.title}
    if names := [other.name for other in topic.other_names.all()]:
        about["alternateName"] = names
    return _script({**_page(topic.title, topic.definition, kind, url=url), "about": about})


def _page(name: str, description: str, kind: Kind, *, url: str) -> dict:
    return {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": name,
        "description": description,
        "url": url,
        "inLanguage": get_language(),
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME},
        "breadcrumb": _breadcrumb(name, kind, url=url),
    }


def _breadcrumb(name: str, kind: Kind, *, url: str) -> dict:
    """The way to the page as templates/articles/_breadcrumb.html shows it."""
    steps = [
        (_("Home"), urljoin(url, reverse("home"))),
        (kind.plural, urljoin(url, reverse("kind", args=[kind.slug]))),
        (name, url),
    ]
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": address}
        for position, (name, address) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _reviewer(edition: Edition) -> dict:
    person = {"@type": "Person", "name": edition.reviewed_by}
    if edition.reviewer_credential:
        credential = {"@type": "EducationalOccupationalCredential", "name": edition.reviewer_credential}
        person["hasCredential"] = credential
    return person


def _script(page: dict) -> SafeString:
    filled = {key: value for key, value in page.items() if value}
    return mark_safe(json.dumps(filled, ensure_ascii=False).translate(_json_script_escapes))
