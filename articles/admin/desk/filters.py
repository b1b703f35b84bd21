"""What the address of the review desk asks for. Whatever stands in it, there is a list to show, and a sentence for each
part that could not be followed."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.contrib.auth.models import Group, User
from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When
from django.db.models.functions import Cast

from articles.admin.robust import MAX_SEARCH, is_id, searchable
from articles.desk import AGES, LISTS, NEVER, SORTS, Filters
from articles.kinds import Kind
from articles.models import Article, ArticleTag, SavedFilter, Tag

TEXT = CharField()
FORMATS = ("csv", "xlsx")
MOST_WORDS = 10
LONGEST_PAGE_NUMBER = 9  # digits
AGE_LABELS = {NEVER: "Never reviewed", **{age.slug: age.label for age in AGES}}


@dataclass
class Choices:
    """The owners, roles and tags that pages have, each as {value in the address: name}; and the lists that somebody has
    saved, each as (id, name, query)."""

    owner: dict[str, str] = field(default_factory=dict)
    role: dict[str, str] = field(default_factory=dict)
    tag: dict[str, str] = field(default_factory=dict)
    saved: list[tuple[int, str, str]] = field(default_factory=list)


def choices(*, saved_by: User | None = None) -> Choices:
    """One query. A person without a name goes by the name of the account; one that left is marked."""
    empty, left = Value("", TEXT), Case(When(is_active=False, then=Value(" (left)")), default=Value(""))
    owned_by_user = Article.objects.filter(owner=OuterRef("pk"))
    owned_by_group = Article.objects.filter(owner_group=OuterRef("pk"))
    tagged = ArticleTag.objects.filter(tag=OuterRef("pk"))
    found = _named("owner", User.objects.filter(Exists(owned_by_user)), "first_name", "last_name", "username", left)
    found = found.union(
        _named("role", Group.objects.filter(Exists(owned_by_group)), "name", empty, empty, empty),
        _named("tag", Tag.objects.filter(Exists(tagged)), "name", empty, empty, empty, value="slug"),
        _named("saved", SavedFilter.objects.filter(user=saved_by), "name", empty, "query", empty),
        all=True,
    )
    offered, named = Choices(), []
    for what, value, first, last, name, left in found:
        if what == "saved":
            offered.saved.append((int(value), first, name))
        else:
            named.append((what, value, (f"{first} {last}".strip() or name) + left))
    offered.saved.sort(key=lambda row: row[1].casefold())
    for what, value, name in sorted(named, key=lambda row: row[2].casefold()):
        getattr(offered, what)[value] = name
    return offered


def _named(what: str, rows: QuerySet, *names, value: str = "pk") -> QuerySet:
    """Rows of several models with columns of the same types, so that one query can ask for all of them."""
    columns = {f"column_{number}": Cast(name, TEXT) for number, name in enumerate([Value(what), value, *names])}
    return rows.order_by().annotate(**columns).values_list(*columns)


class Asked:
    """The parts of an address: `list`, `owner`, `role`, `kind`, `tag`, `age`, `due`, `q`, `sort`, `page` and
    `format`.

    `understood` has those that are followed, `ignored` a sentence for each that is not.
    """

    def __init__(self, sent, user: User, offered: Choices):
        self.understood: dict[str, str] = {}
        self.ignored: list[str] = []
        self.desk_list = next((each for each in LISTS if each.slug == sent.get("list", "")), None)
        self._one_of(sent, "list", {each.slug: each.heading for each in LISTS}, "a list of the review desk")
        self._one_of(sent, "owner", {"me": "", **offered.owner}, "the owner of a page")
        self._one_of(sent, "role", offered.role, "a role that has pages")
        self._one_of(sent, "kind", dict(Kind.choices), "a kind of page")
        self._one_of(sent, "tag", offered.tag, "the tag of a page")
        self._one_of(sent, "age", AGE_LABELS, "an age of reviews")
        self._one_of(sent, "sort", SORTS, "an order of the list")
        self._one_of(sent, "format", dict.fromkeys(FORMATS), "a file that the list can be taken along as")
        self.format = self.understood.pop("format", "")
        self.sort = self.understood.get("sort", "due")
        owner = self.understood.get("owner", "")
        self.filters = Filters(
            owner=user.pk if owner == "me" else int(owner) if owner else None,
            role=int(self.understood.get("role", 0)) or None,
            kind=self.understood.get("kind", ""),
            tag=self.understood.get("tag", ""),
            age=self.understood.get("age", ""),
            due=self._due(sent.get("due", "")),
            words=self._words(sent.get("q", "")),
        )
        self._page = sent.get("page", "")

    def page(self, *, of: int) -> int:
        """The number of the page of the list, from 1 to `of`; the nearest when there is none of that number."""
        if not self._page:
            return 1
        if is_id(self._page) and len(self._page) <= LONGEST_PAGE_NUMBER and 1 <= int(self._page) <= of:
            return int(self._page)
        self.ignored.append(f"The list has no page “{short(self._page)}”: its last page is {of:,}.")
        return of if is_id(self._page) and int(self._page) else 1

    def address(self, **changed: str) -> str:
        """The query of the same list with some parts changed; an empty one falls away."""
        parts = {**self.understood, **changed}
        return "?" + urlencode({name: value for name, value in parts.items() if value})

    def field(self, name: str, label: str, options: dict[str, str]) -> dict:
        """A list to choose from, with what the address says chosen."""
        return {"name": name, "label": label, "options": options.items(), "chosen": self.understood.get(name, "")}

    def _one_of(self, sent, name: str, values: dict, meant: str) -> None:
        value = sent.get(name, "")
        if value in values:
            self.understood[name] = value
        elif value:
            self.ignored.append(f"“{short(value)}” is not {meant}, so this part of the address was ignored.")

    def _due(self, typed: str) -> tuple[date, date] | None:
        days = days_of(typed)
        if days:
            self.understood["due"] = typed
        elif typed:
            self.ignored.append(
                f"“{short(typed)}” is no month such as 2026-12 and no day such as 2026-12-24, so this part of the address "
                "was ignored."
            )
        return days

    def _words(self, typed: str) -> tuple[str, ...]:
        words = searchable(typed).split()
        if len(typed.strip()) > MAX_SEARCH or len(words) > MOST_WORDS:
            self.ignored.append(
                f"Only the first {MOST_WORDS} words, and {MAX_SEARCH} characters, were looked for in the titles."
            )
        if words := words[:MOST_WORDS]:
            self.understood["q"] = " ".join(words)
        return tuple(words)


def filter_fields(asked: Asked, offered: Choices) -> list[dict]:
    """What tells of which pages it is; each begins with what leaves all pages in."""
    return [
        asked.field("owner", "Owner", {"": "Anybody", "me": "Me", **offered.owner}),
        asked.field("role", "Role", {"": "Any", **offered.role}),
        asked.field("kind", "Kind", {"": "Any", **dict(Kind.choices)}),
        asked.field("tag", "Tag", {"": "Any", **offered.tag}),
    ]


def days_of(text: str) -> tuple[date, date] | None:
    """The first and the last day of a month (“2026-12”) or of a day (“2026-12-24”); None for any other text."""
    parts = re.fullmatch(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?", text)
    if parts is None:
        return None
    year, month, day = (int(part) if part else None for part in parts.groups())
    try:
        first = date(year, month, day or 1)
        return (first, first if day else date(year, month, monthrange(year, month)[1]))
    except ValueError:
        return None


def short(value: str) -> str:
    value = searchable(value)
    return value if len(value) <= 40 else f"{value[:40]}…"
