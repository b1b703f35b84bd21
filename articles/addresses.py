"""Which addresses a link may lead to. One rule for related links, references, redirects and rich text."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

MAX_LENGTH = 500


def is_safe_address(address: str) -> bool:
    """A web address with a host and no password, or a path of this site ("/topics/mri/").

    Refused are other schemes (`javascript:`, `data:`), `//host` and `/\\host` (both leave the site while
    looking like a path), control characters, spaces and backslashes.
    """
    if not address or any(ord(char) <= 0x20 or ord(char) == 0x7F or char == "\\" for char in address):
        return False
    if address.startswith("/"):
        return not address.startswith("//")
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def is_safe_link(address: str) -> bool:
    """What the text of an article may link to: a safe address, a place on the same page, mail or telephone."""
    return is_safe_address(address) or address.startswith(("#", "mailto:", "tel:"))


def validate_address(address: str) -> None:
    if not is_safe_address(address):
        raise ValidationError(
            "“%(address)s” is no web address. Write one that starts with https:// or http://, "
            "or a path of this site that starts with /.",
            code="address",
            params={"address": address},
        )
