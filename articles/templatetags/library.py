"""The few things that the patients' templates can't say with Django's own tags."""

from datetime import date, datetime

from django import template
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from articles.kinds import Kind

register = template.Library()


@register.filter(expects_localtime=True)
def spelled_out(day: date | datetime | str | None) -> str:
    """A day as people read it, "June 29, 2021", in a `time` element for machines; nothing stays nothing.

    Takes text in the form 2021-06-29 too, as editions keep it. Raises ValueError for other text.
    """
    if not day:
        return ""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return format_html('<time datetime="{}">{}</time>', day.strftime("%Y-%m-%d"), date_format(day, "F j, Y"))


@register.filter
def kind_label(kind: str) -> str:
    """The kind of a row that is plain data: "in_depth" is "In-depth"."""
    return Kind(kind).label


@register.filter
def tables_in_boxes(body: str) -> SafeString:
    """The body of a section, each table in a box that scrolls sideways alone, by touch or by keyboard.

    The body must be clean already (articles/html.py): there a table is exactly `<table>`.
    """
    box = '<div class="table" role="group" aria-label="Table" tabindex="0"><table>'
    return mark_safe(body.replace("<table>", box).replace("</table>", "</table></div>"))


@register.filter
def with_its_address(reference: dict) -> SafeString:
    """The text of a reference as it is printed, with the link on the DOI, PubMed id or web address that it leads to.

    A text that doesn't name it gets it at its end; without any address the text stands alone.
    """
    text, address = reference["text"], reference["address"]
    if not address:
        return format_html("{}", text)
    name = reference["doi"] or reference["pmid"] or reference["url"]
    before, found, after = text.partition(name)
    if found:
        return format_html('{}<a href="{}">{}</a>{}', before, address, found, after)
    register_of = "DOI " if reference["doi"] else "PubMed " if reference["pmid"] else ""
    return format_html('{} <a href="{}">{}{}</a>', text, address, register_of, name)


@register.simple_tag
def static_or_nothing(path: str) -> str:
    """The address of a static file, or nothing when the files were not collected: the page that says
    that we failed must not fail for the same reason."""
    try:
        return static(path)
    except ValueError:
        return ""
