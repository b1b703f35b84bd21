"""What patients read before: the history of a page, its earlier editions, and what it said on a given day."""

from datetime import date, datetime

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from articles import history as past
from articles import see_also as related
from articles.dateline import dateline_then
from articles.dates import day_after, day_in_words
from articles.models import Article, Edition
from articles.views.errors import moved_or_gone
from library.ready import depends_on, moment_of, not_kept
from library.serving import NEVER, public_page

UNREADABLE = gettext_lazy(
    "That day could not be read. Write a day of the calendar as year, month and day, such as 2026-11-22."
)


@public_page(query=("day",))
def history(request, slug):
    """With `?day=2026-11-22` it leads to the edition that patients read when that day ended, or says why there is none."""
    at = moment_of(request)
    lines = past.edition_lines(slug, language=get_language(), at=at)
    if not lines:
        return moved_or_gone(request, Article, slug, at=at, rest="history/")
    newest, first = lines[0].edition, lines[-1].edition
    article = newest.article
    tomorrow = day_after(timezone.localdate(at))
    depends_on(request, f"article:{article.pk}", f"review:{article.pk}", until=tomorrow)
    day, answer = None, ""
    if "day" in request.GET:
        day = _day(request.GET["day"])
        edition = Edition.objects.defer("content").on_day(article, day, at=at) if day else None
        if edition:
            response = HttpResponseRedirect(reverse("edition", args=[slug, edition.number]))
            response["Cache-Control"] = NEVER
            return response
        answer = _why_nothing(day, first=first, at=at)
    context = {
        "article": article,
        "edition": newest,
        "kind": newest.kind_of_page,
        "lines": lines,
        "withdrawals": past.withdrawals(article, at=at),
        "reviews": past.reviews(article),
        "today": timezone.localdate(at),
        "day": day,
        "answer": answer,
        "address": f"{settings.SITE_URL}{request.path}",
    }
    response = render(request, "articles/history.html", context)
    if answer:
        response["Cache-Control"] = NEVER  # the same day has another answer tomorrow, and anything may be asked
    return response


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _why_nothing(day: date | None, *, first: Edition, at: datetime) -> str:
    if day is None:
        return str(UNREADABLE)
    named = {"day": day_in_words(day)}
    if day > timezone.localdate(at):
        return _("%(day)s is in the future. Choose today or a day before it.") % named
    first_day = timezone.localdate(first.published_at)
    if day < first_day:
        followed = _("Edition %(number)d followed on %(day)s.") % {
            "number": first.number,
            "day": day_in_words(first_day),
        }
        return _("On %(day)s nothing was published here yet.") % named + " " + followed
    return _(
        "On %(day)s this page was withdrawn: patients who opened its address were told so and read no edition."
    ) % (named)


@public_page
def edition(request, slug, number):
    """An edition as patients read it, in its own words, for those who follow a link or a date to it."""
    at = moment_of(request)
    editions = Edition.objects.public(at=at).filter(article__slug=slug, article__language=get_language(), number=number)
    edition = editions.with_read_until(at=at).select_related("article").first()
    if edition is None:
        not_kept(request)  # any number may follow the address of a page that has moved
        return moved_or_gone(request, Article, slug, at=at, rest=f"editions/{number}/")
    depends_on(request, *related.keys(edition))
    until = edition.read_until
    context = {
        "edition": edition,
        "name": _("Edition %(number)d") % {"number": edition.number},
        "content": edition.content,
        "kind": edition.kind_of_page,
        "dateline": dateline_then(edition),
        "links": related.links_as_read(edition, until=until, at=at),
        "headed_sections": [section for section in edition.content["sections"] if section["heading"]],
        "since": edition.published_at,
        "until": until,
        "withdrawals": [
            withdrawal
            for withdrawal in past.withdrawals(edition.article, at=at)
            if edition.published_at <= withdrawal.from_at and (until is None or withdrawal.from_at < until)
        ],
        "canonical": f"{settings.SITE_URL}{edition.get_absolute_url()}",
        "address": f"{settings.SITE_URL}{request.path}",
    }
    response = render(request, "articles/edition.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
