"""What search engines and other machines read of a page: schema.org in JSON-LD, with the dates that patients see."""

import json

from django.conf import settings
from django.utils.html import _json_script_escapes
from django.utils.safestring import SafeString, mark_safe

from articles.models import Edition


def medical_web_page(edition: Edition, *, url: str) -> SafeString:
    """A MedicalWebPage (schema.org). `lastReviewed` and `reviewedBy` stand there only when a review exists.

    The result may stand inside a script element: <, > and & are written as escapes of JSON.
    """
    page = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": edition.title,
        "description": edition.deck,
        "url": url,
        "inLanguage": settings.LANGUAGE_CODE.partition("-")[0],
        "datePublished": edition.published_on.isoformat(),
        "dateModified": (edition.updated_on or edition.published_on).isoformat(),
        "about": [{"@type": "MedicalEntity", "name": topic["title"]} for topic in edition.content["about"]],
        "keywords": [tag["name"] for tag in edition.content["tags"]],
        "citation": [reference["text"] for reference in edition.content["references"]],
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME},
    }
    if edition.reviewed_on:
        page["lastReviewed"] = edition.reviewed_on.isoformat()
        page["reviewedBy"] = {"@type": "Person", "name": edition.reviewed_by}
    filled = {key: value for key, value in page.items() if value}
    return mark_safe(json.dumps(filled, ensure_ascii=False).translate(_json_script_escapes))
