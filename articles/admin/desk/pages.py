"""The review desk: which pages are stale, whose they are, and what falls due; for people who never edit text.

All that is asked stands in the address, so that a list can be kept as a bookmark.
"""

from datetime import date, datetime

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from articles import owners, spreadsheets
from articles.admin.desk.changing import CHANGES
from articles.admin.desk.filters import AGE_LABELS, FORMATS, Asked, choices, filter_fields
from articles.charts import bar_chart, row_chart
from articles.desk import LISTS, SORTS, in_numbers, in_order, pages, with_stated_day, with_what_is_asked, written_down
from articles.desk_numbers import MONTHS_AHEAD, Breakdown, breakdown, rules_of_age
from articles.models import Article, Edition
from articles.permissions import PLAN, USE
from articles.workflow import State, with_state

ROWS = 50  # on a page of the list
COLUMNS = [
    "Title",
    "Address",
    "Kind",
    "Owner",
    "Role",
    "Policy",
    "Months",
    "Published",
    "Updated",
    "Reviewed",
    "Reviewed, as stated by the source",
    "Next review due",
    "Days overdue",
    "Changed since review",
    "Extra review asked for because",
    "Wanted by",
]


def desk(request):
    """A list of pages, to look at or to take along; the clock is read here."""
    if not request.user.has_perm(USE):
        raise PermissionDenied
    return _desk(request, at=timezone.now())


@require_safe
def _desk(request, *, at: datetime):
    today = timezone.localdate(at)
    offered = choices(saved_by=request.user)
    asked = Asked(request.GET, request.user, offered)
    rule = asked.desk_list.rule(today) if asked.desk_list else Q()
    heading = asked.desk_list.heading if asked.desk_list else "All pages"
    everything = asked.filters.narrow(pages(at=at, today=today), today=today)
    if asked.format and not asked.ignored:  # a file couldn't say that it holds another list than was asked for
        rows = _rows_to_keep(request, in_order(everything.filter(rule), asked.sort), at=at, today=today)
        return spreadsheets.download(COLUMNS, rows, form=asked.format, title=heading, made_at=at)
    with written_down(everything) as everything:
        ages = {name: rule & age for name, age in rules_of_age(today).items()}
        numbers = in_numbers(everything, today=today, besides=ages)
        number = numbers[asked.desk_list.slug if asked.desk_list else ""]
        last_page = max(1, -(-number // ROWS))
        page = asked.page(of=last_page)
        found = everything.filter(rule)
        counted = breakdown(found, numbers, owners=offered.owner, roles=offered.role, tags=offered.tag, today=today)
        rows = [_Row(article, at=at, today=today) for article in _on_page(found, asked.sort, page, at=at)]
    context = {
        **admin.site.each_context(request),
        "title": "Review desk",
        "heading": heading,
        "number": number,
        "number_shown": f"{number:,}",
        "ignored": asked.ignored,
        "lists": _lists(asked, numbers),
        "saved": [(pk, name, f"?{query}", f"?{query}" == asked.address()) for pk, name, query in offered.saved],
        "fields": _fields(asked, offered),
        "list_slug": asked.understood.get("list", ""),
        "is_narrowed": bool(set(asked.understood) - {"list", "sort"}),
        "whole_list": _without_filters(asked),
        "words": asked.understood.get("q", ""),
        "rows": rows,
        "page": page,
        "last_page": last_page,
        "previous_page": asked.address(page=str(page - 1)) if page > 1 else "",
        "next_page": asked.address(page=str(page + 1)) if page < last_page else "",
        "downloads": [(form.upper(), asked.address(format=form)) for form in FORMATS],
        "may_plan": request.user.has_perm(PLAN),
        "may_review": request.user.has_perm("articles.add_review"),
        "query": asked.address().removeprefix("?"),
        "acts": CHANGES,
        "shares": _shares(asked, counted),
        "counted": counted,
        "ages": [(share, asked.address(**{share.parameter: share.value})) for share in counted.ages],
        "months": [
            (bar, asked.address(due=f"{month:%Y-%m}"))
            for bar, month in zip(counted.months, counted.first_days, strict=True)
        ],
        "load_sentence": _load_in_words(counted),
        **_pictures(counted),
    }
    return TemplateResponse(request, "admin/review_desk/desk.html", context)


class _Row:
    """A page of the list, as the table says it. `asked` is why an extra review is wanted, if one is."""

    def __init__(self, article: Article, *, at: datetime, today: date):
        self.article = article
        self.kind = article.get_kind_display()
        self.owner = owners.name_of_owner(article) or "No owner"
        self.policy = article.review_policy or "No policy"
        self.reviewed = _reviewed(article)
        self.due = date_format(article.next_review_on) if article.next_review_on else "No day"
        self.due_in_words = due_in_words(article.next_review_on, today=today)
        self.is_overdue = article.next_review_on is not None and article.next_review_on < today
        self.is_changed = changed_since_review(article, at=at)
        self.state = State(article.state).label
        self.is_usual = article.state == State.PUBLISHED
        self.asked = ""
        if article.asked_because:
            more = f", and {article.asked_times - 1} more" if article.asked_times > 1 else ""
            self.asked = f"{article.asked_because} (wanted by {date_format(article.asked_for)}{more})"


def _reviewed(article: Article) -> str:
    if article.reviewed_on:
        return date_format(article.reviewed_on)
    if article.stated_on_review:
        return f"Never reviewed here; {date_format(article.stated_on_review)} as stated by its source"
    return "Never reviewed"


def changed_since_review(article: Article, *, at: datetime) -> bool | None:
    """Whether patients read a newer edition than the one reviewed; None when there was no review."""
    if not article.reviewed_edition:
        return None
    return article.changed_from is not None and article.changed_from <= at


def due_in_words(day: date | None, *, today: date) -> str:
    """ "12 days overdue", "due today", "in 30 days"; empty without a day. A page falls overdue the day after it was due."""
    if day is None:
        return ""
    days = abs((day - today).days)
    counted = f"{days:,} day{'' if days == 1 else 's'}"
    if day < today:
        return f"{counted} overdue"
    return f"in {counted}" if days else "due today"


def _on_page(found: QuerySet, sort: str, page: int, *, at: datetime) -> QuerySet:
    """One page of the list. What a row tells besides is asked of these rows only, not of all that are put in order."""
    start = (page - 1) * ROWS
    chosen = in_order(found, sort).values("pk")[start : start + ROWS]
    rows = Article.objects.filter(pk__in=chosen).select_related("owner", "owner_group")
    return in_order(with_state(with_stated_day(with_what_is_asked(rows)), at=at), sort)


def _rows_to_keep(request, found: QuerySet, *, at: datetime, today: date):
    editions = Edition.objects.not_cancelled().filter(article=OuterRef("pk"), published_at__lte=at).order_by("-number")
    found = with_stated_day(with_what_is_asked(found)).annotate(
        published_on=Subquery(editions.values("published_on")[:1]),
        updated_on=Subquery(editions.values("updated_on")[:1]),
    )
    for article in found.select_related("owner", "owner_group").iterator():
        late = article.next_review_on and article.next_review_on < today
        yield [
            article.title,
            request.build_absolute_uri(article.get_absolute_url()),
            article.get_kind_display(),
            owners.name_of_person(article.owner) if article.owner else None,
            article.owner_group.name if article.owner_group else None,
            article.review_policy or None,
            article.review_months,
            article.published_on,
            article.updated_on,
            article.reviewed_on,
            article.stated_on_review,
            article.next_review_on,
            (today - article.next_review_on).days if late else None,
            changed_since_review(article, at=at),
            article.asked_because,
            article.asked_for,
        ]


def _lists(asked: Asked, numbers: dict[str, int]) -> list[dict]:
    every = [("", "All pages"), *((each.slug, each.heading) for each in LISTS)]
    current = asked.understood.get("list", "")
    return [
        {
            "heading": heading,
            "number": numbers[slug],
            "shown": f"{numbers[slug]:,}",
            "address": asked.address(list=slug),
            "is_current": slug == current,
        }
        for slug, heading in every
    ]


def _fields(asked: Asked, offered) -> list[dict]:
    """The filters, the age and the order."""
    ages = {"": "Any age", **{slug: _ago(label) for slug, label in AGE_LABELS.items()}}
    orders = {slug: label for slug, (label, _) in SORTS.items()}
    return [
        *filter_fields(asked, offered),
        asked.field("age", "Last review", ages),
        asked.field("sort", "Order", orders),
    ]


def _ago(label: str) -> str:
    return label if label == AGE_LABELS["never"] else f"{label} ago"


def _without_filters(asked: Asked) -> str:
    return asked.address(**dict.fromkeys(set(asked.understood) - {"list"}, ""))


def _shares(asked: Asked, counted: Breakdown) -> list[dict]:
    """Tables of numbers; each name leads to those pages of the list."""
    every = [("By owner", counted.owners), ("By kind", counted.kinds), ("By tag", counted.tags)]
    return [
        {
            "heading": heading,
            "rows": [(share, asked.address(**{share.parameter: share.value})) for share in shares],
        }
        for heading, shares in every
    ]


def _load_in_words(counted: Breakdown) -> str:
    coming = int(sum(bar.value for bar in counted.months))
    return (
        f"In these {MONTHS_AHEAD} months {coming:,} of these pages fall due. {counted.overdue:,} are overdue already, "
        f"{counted.later:,} fall due later, and {counted.undated:,} have no day."
    )


def _pictures(counted: Breakdown) -> dict:
    most = max(counted.age_bars, key=lambda bar: bar.value)
    ages = f"Most pages, {int(most.value):,}, are at “{most.label}”." if most.value else "There are no pages."
    return {
        "ages_picture": row_chart("Age of the last review", ages, counted.age_bars),
        "load_picture": bar_chart("Reviews that fall due", _load_in_words(counted), counted.months),
    }
