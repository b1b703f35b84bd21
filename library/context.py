"""What every template may say. The address of the site is the setting, whichever of its host names was asked."""

from django.conf import settings
from django.utils.translation import get_language

from articles import languages


def site(request) -> dict:
    language = get_language() or languages.DEFAULT
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "language": language,
        "locale": languages.LOCALES[language],
        "other_languages": languages.others(language),
    }
