"""What every template may say. The address of the site is the setting, whichever of its host names was asked."""

from django.conf import settings
from django.utils.translation import to_locale


def site(request) -> dict:
    return {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "locale": to_locale(settings.LANGUAGE_CODE)}
