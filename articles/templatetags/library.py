"""The few things that the patients' templates can't say with Django's own tags."""

from datetime import date, datetime
from html import escape

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated

from articles import languages
from articles.alphabet import Entry
from articles.dates import day_in_words
from articles.kinds import Kind
from articles.models import Edition, Review
from articles.see_also import SeeAlsoLink
from articles.translations import Version

register = template.Library()


@register.filter(expects_localtime=True)
def spelled_out(day: date | datetime | str | None) -> str:
    """A day as people read it, "June 29, 2021" or "29 de junio de 2021", in a `time` element for machines; nothing stays nothing.

    Takes text in the form 2021-06-29 too, as editions keep it. Raises ValueError for other text.
    """
    if not day:
        return ""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return format_html('<time datetime="{}">{}</time>', day.strftime("%Y-%m-%d"), day_in_words(day))


@register.filter
def last_change(edition: Edition) -> SafeString:
    """What a list says of its age: "Updated June 29, 2021", or when it was published if nothing changed its meaning since."""
    words = _("Updated %(day)s") if edition.updated_on else _("Published %(day)s")
    return mark_safe(words % {"day": spelled_out(edition.updated_on or edition.published_on)})


@register.filter(expects_localtime=True)
def until_then(since: datetime, until: datetime | None) -> SafeString:
    """A time in the history of a page, after “read” or “withdrawn”: "from June 29, 2021 to July 3, 2021"."""
    first, last = spelled_out(since), spelled_out(localtime(until)) if until else ""
    if not last:
        words = _("from %(day)s on")
    elif first == last:
        words = _("on %(day)s for part of the day")
    else:
        words = _("from %(day)s to %(last)s")
    return mark_safe(words % {"day": first, "last": last})


@register.filter
def part_name(part: dict) -> str:
    """What a review of parts looked at: a heading as it was then, or one of our own words in the active language."""
    if part["anchor"] in Review.OTHER_PARTS or part["name"] == "Introduction":
        return translated(part["name"])
    return part["name"]


@register.filter
def path_in(versions: list[Version], language: str) -> str:
    """The path of the page in that language; empty when it has none."""
    return next((version.path for version in versions or () if version.language == language), "")


@register.simple_tag
def home_path() -> str:
    """The home of the active language, for pages that can't rely on anything else."""
    return f"{languages.prefix_of(get_language() or languages.DEFAULT)}/"


@register.filter
def as_link(link: SeeAlsoLink) -> SafeString:
    """A see-also link, with the language of its page when that is another."""
    return mark_safe(_link(link))


def _link(link: SeeAlsoLink) -> str:
    language = f' lang="{link.language}" hreflang="{link.language}"' if link.language else ""
    return f'<a href="{escape(link.href)}"{language}>{escape(link.label)}</a>'


@register.filter
def as_items(links: list[SeeAlsoLink]) -> SafeString:
    """The items of a list. A page has 99 of them, and the tags of a template took a third of its time for them."""
    return mark_safe("\n".join([f"<li>{_link(link)}</li>" for link in links]))


@register.filter
def as_entries(entries: list[Entry]) -> SafeString:
    """The same for a letter of the A to Z, which has 200 of them."""
    see, kinds = _(": see %(title)s"), {kind: escape(str(kind.label)) for kind in Kind}
    items = []
    for entry in entries:
        leads_to = see % {"title": escape(entry.see)} if entry.see else ""
        link = f'<a href="{escape(entry.path)}">{escape(entry.name)}{leads_to}</a>'
        items.append(f'<li>{link} <span class="muted">{kinds[entry.kind]}</span></li>')
    return mark_safe("\n".join(items))


@register.filter
def tables_in_boxes(body: str) -> SafeString:
    """The body of a section, each table in a box that scrolls sideways alone, by touch or by keyboard.

    The body must be clean already (articles/html.py): there a table is exactly `<table>`.
    """
    box = format_html('<div class="table" role="group" aria-label="{}" tabindex="0"><table>', _("Table"))
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
