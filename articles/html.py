"""The HTML that an article may hold: one allow-list, applied whenever a body is stored."""

import re

import nh3
from django.db import models

from articles.addresses import is_safe_link

# The rich-text editor offers just what the allow-list keeps (articles/admin/editor.py has a test of it).
TAGS = {"p", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "br", "sub", "sup"} | {
    "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "ol": {"start"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if is_safe_link(value) else None
    if attribute == "scope":
        return value if value in {"row", "col"} else None
    return value if value.isascii() and value.isdigit() else None


_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags={"script", "style", "title", "template", "noscript", "iframe", "object"},
    attributes=ATTRIBUTES,
    attribute_filter=_keep,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)

_ONLY_PARAGRAPH_OF_ITEM = re.compile(r"<li>\s*<p>((?:(?!</?(?:p|li|ul|ol)>).)*)</p>\s*(?=</li>|<ul>|<ol)", re.S)
_EMPTY_PARAGRAPH = re.compile(r"<p>(?:\s|<br>|&nbsp;)*</p>")
_MISSING_SCOPE = re.compile(r"<th\b(?![^>]*\bscope=)([^>]*)>")


def clean(html: str) -> str:
    """The HTML without anything outside the allow-list; text is kept, whatever stood around it.

    Cleaned twice, because the sanitiser needs a second pass over badly nested tables; cleaning what is
    clean changes nothing. A list item with one paragraph is written without it, empty paragraphs go, and
    a header cell that says nothing else heads its column. The regular expressions run over the
    sanitiser's own well-formed output only.
    """
    html = _cleaner.clean(_cleaner.clean(html.replace("\x00", "")))
    html = _ONLY_PARAGRAPH_OF_ITEM.sub(r"<li>\1", html)
    html = _EMPTY_PARAGRAPH.sub("", html)
    html = _MISSING_SCOPE.sub(r'<th\1 scope="col">', html)
    return html.strip()


class CleanHTMLField(models.TextField):
    """A text field whose content passes the allow-list on every way into the database.

    `save()`, `bulk_create()`, `bulk_update()` and `QuerySet.update()` all prepare the value here, so no
    form, command or shell can go around it.
    """

    def pre_save(self, model_instance, add):
        value = clean(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value, connection):
        if isinstance(value, str):
            value = clean(value)
        return super().get_db_prep_save(value, connection)
