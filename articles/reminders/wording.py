"""What a reminder says: plain text, in parts (whose pages they are) and sections (what they need)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from articles.dates import age_in_words, day_in_words
from articles.models import Absence, Article
from articles.notices import one_line
from articles.owners import name_of_owner
from articles.people import name_of

AHEAD = timedelta(days=30)  # a page that falls due in so many days is due soon; one of the lists of the desk
CHASED_AFTER = timedelta(days=7)  # since its due day: the page is named a second time, under a heading of its own
ESCALATED_AFTER = timedelta(days=21)  # since its due day: those who plan the reviews read of it too

MOST_LISTED = 10  # pages of a section; the rest is a number and a link
LONGEST_TITLE = 150  # characters


class Section(Enum):
    """What pages need, in the order of the mail: the heading, the word of the subject line, and the list of the review
    desk on which they are."""

    ASKED = ("A review is asked for", "asked for", "asked")
    CHASED = (f"Overdue for {CHASED_AFTER.days} days and more", "overdue", "overdue")
    OVERDUE = ("Overdue", "overdue", "overdue")
    ESCALATED = (f"Overdue for {ESCALATED_AFTER.days} days and more", "overdue for long", "overdue")
    SOON = (f"Due in the next {AHEAD.days} days", "due soon", f"due-{AHEAD.days}")
    CHANGED = ("Changed since the last review", "changed", "changed")

    def __init__(self, heading: str, word: str, desk_list: str):
        self.heading, self.word, self.desk_list = heading, word, desk_list


@dataclass(frozen=True, order=True)
class Part:
    """Whose pages. `since` is the day from which they are in this person's mail; None when it says nothing new."""

    place: int
    heading: str
    explained: str = ""
    names_owner: bool = False
    since: date | None = field(default=None, compare=False)


OWN = Part(1, "Your pages")
NOBODYS = Part(
    4,
    "Nobody’s pages",
    "They have no owner, or one who has left, has no address for mail, or may not use the review desk. You get them "
    "because you plan the reviews.",
    names_owner=True,
)
SECOND_REVIEWER = Part(
    5,
    "A second reviewer is wanted",
    "Whoever has these pages was the first reviewer. Ask somebody else.",
    names_owner=True,
)
ESCALATION = Part(
    6,
    "Pages of others",
    "Whoever has them is reminded as well. You get them because you plan the reviews.",
    names_owner=True,
)


def of_role(name: str) -> Part:
    return Part(2, f"Pages of the role “{one_line(name, LONGEST_TITLE)}”")


def away(absence: Absence) -> Part:
    heading = f"For {name_of(absence.user)}, who is away until {day_in_words(absence.until_on)}"
    return Part(3, one_line(heading, 2 * LONGEST_TITLE), names_owner=True, since=absence.from_on)


@dataclass(frozen=True)
class Item:
    """A page in a section. `day` is shown and orders them: when it is or was due, was changed, is wanted. `since` is the
    day on which it came there, `at` the moment where that is known."""

    article: Article
    day: date
    since: date
    at: datetime | None = None
    about: str = ""


@dataclass
class Letter:
    """All that one person is told. `reports` is how many reports of readers wait, `last_report_on` when the last one came."""

    user: User
    may_review: bool
    parts: dict[Part, dict[Section, list[Item]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    reports: int = 0
    last_report_on: date | None = None


def subject(letter: Letter) -> str:
    """ "Health Library: reviews: 1 asked for, 5 overdue, 12 due soon"."""
    numbers = {section.word: 0 for section in Section}
    for sections in letter.parts.values():
        for section, items in sections.items():
            numbers[section.word] += len(items)
    numbers[f"report{'s' if letter.reports > 1 else ''} by readers"] = letter.reports
    said = ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number)
    return one_line(f"{settings.SITE_NAME}: reviews: {said}", 300)


def text(letter: Letter, *, today: date) -> str:
    what = "these pages need somebody to look at them" if letter.parts else "readers wait for somebody to look at this"
    blocks = [f"{one_line(name_of(letter.user), LONGEST_TITLE)}, {what}."]
    if letter.reports:
        waiting = "1 report" if letter.reports == 1 else f"{letter.reports:,} reports"
        address = f"{settings.SITE_URL}{reverse('admin:articles_readerreport_changelist')}?state=open"
        blocks.append(
            f"Readers have sent {waiting} that nobody has settled, the last on {day_in_words(letter.last_report_on)}: {address}"
        )
    for part, sections in sorted(letter.parts.items(), key=lambda each: each[0]):
        blocks.append("\n".join([part.heading, "=" * len(part.heading)]))
        if part.explained:
            blocks.append(part.explained)
        blocks += [
            "\n".join(_section(letter, part, each, sections[each], today)) for each in Section if each in sections
        ]
    blocks.append(f"The review desk: {settings.SITE_URL}{reverse('admin:review_desk')}")
    blocks.append("This mail comes when something on it is new, and once a week while anything still waits.")
    return "\n\n".join(blocks) + "\n"


def _section(letter: Letter, part: Part, section: Section, items: list[Item], today: date) -> Iterator[str]:
    yield f"{section.heading} ({len(items):,})"
    for item in sorted(items, key=lambda each: (each.day, each.article.title, each.article.pk))[:MOST_LISTED]:
        owner = one_line(name_of_owner(item.article), LONGEST_TITLE)
        whose = (f"Owner: {owner}. " if owner else "No owner. ") if part.names_owner else ""
        yield f"- {one_line(item.article.title, LONGEST_TITLE)}"
        yield f"  {whose}{_what(section, item, today)}"
        yield f"  {_address(item.article, letter.may_review)}"
    if len(items) > MOST_LISTED:
        yield f"… and {len(items) - MOST_LISTED:,} more: {_rest(section, items)}"


def _what(section: Section, item: Item, today: date) -> str:
    day = day_in_words(item.day)
    if section is Section.ASKED:
        return f"Wanted by {day}: {one_line(item.about, 500)}"
    if section is Section.CHANGED:
        reviewed_on = item.article.reviewed_on
        return f"Changed on {day}; reviewed last on {day_in_words(reviewed_on)}."
    if item.day >= today:
        return f"Due today, {day}." if item.day == today else f"Due on {day}."
    return f"Was due on {day}, {age_in_words(item.day, today=today)}."


def _address(article: Article, may_review: bool) -> str:
    """Where the review is recorded; the page in the admin for whoever may not."""
    if may_review:
        return f"{settings.SITE_URL}{reverse('admin:articles_review_add')}?article={article.pk}"
    return f"{settings.SITE_URL}{reverse('admin:articles_article_change', args=[article.pk])}"


def _rest(section: Section, items: list[Item]) -> str:
    """The list of the desk that has all of these, narrowed to whose they are when that is one person or one role."""
    owners = {item.article.owner_id for item in items}
    roles = {item.article.owner_group_id for item in items}
    asked = {"list": section.desk_list}
    if len(owners) == 1 and owners != {None}:
        asked["owner"] = owners.pop()
    elif len(roles) == 1 and roles != {None}:
        asked["role"] = roles.pop()
    elif owners == roles == {None}:
        asked["list"] = "no-owner"
    return f"{settings.SITE_URL}{reverse('admin:review_desk')}?{urlencode(asked)}"
