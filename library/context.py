"""What every template may say."""

from django.conf import settings
from django.utils.translation import to_locale


def site(request) -> dict:
    return {"site_name": settings.SITE_NAME, "locale": to_locale(settings.LANGUAGE_CODE)}
