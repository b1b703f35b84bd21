"""The languages of the pages (settings.LANGUAGES), and how an address says which one it is.

The address alone decides: no cookie and no Accept-Language, so that one address is one page for everybody and every cache.
"""

from django.conf import settings

DEFAULT = settings.LANGUAGE_CODE  # its addresses have no prefix
MAX_LENGTH = 10  # characters of a code
LOCALES = {"en": "en_US", "es": "es_ES"}  # as Open Graph wants them, with a country


def choices() -> list[tuple[str, str]]:
    """The codes and the languages' own names."""
    return settings.LANGUAGES


def others(language: str) -> list[tuple[str, str, str]]:
    """The code, the own name and the address of the home of every other language."""
    return [(code, name, f"{prefix_of(code)}/") for code, name in choices() if code != language]


def prefix_of(language: str) -> str:
    """What stands before the paths of a language: nothing, or "/es"."""
    return "" if language == DEFAULT else f"/{language}"


def language_of(path: str) -> str:
    """The language of a path: "es" for /es/ and all below it. Any path has one."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first != DEFAULT and first in dict(choices()) else DEFAULT
