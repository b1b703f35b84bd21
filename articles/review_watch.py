"""The daily watch over what pages lean on: it asks for a review where a related page, a link or a source has gone, and
closes the request again when the cause has passed.

It goes over all live editions in batches of 200 and asks at most seven queries for each, so 20,000 pages are 700 queries and
the memory of 200 texts. It may be stopped at any point, or run twice at once: a request is opened once for its event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from articles import live_editions, review_requests, withdrawn_sources
from articles.links.checking import BAD, checks_of, outside_addresses
from articles.models import Article, Edition, Heartbeat, LinkCheck, ReviewRequest, Topic, Withdrawal, WithdrawnSource
from articles.people import Person
from articles.review_requests import DUE_AFTER, Cause
from articles.running import Outcome

JOB = "review_watch"
WATCH = Person("The daily watch")
STOPPED_AFTER = timedelta(hours=1)  # a watch that began so long ago and has not ended was stopped; it takes minutes
# By then the owner was reminded, chased and the lead was told. Sooner, one late page would set off its neighbours.
LONG_OVERDUE = 90  # days
FAILING_FOR = 7  # days: most servers that don't answer do so again within the week
OF_EVENTS = [Cause.RELATED, Cause.LINK, Cause.SOURCE]


def is_due(*, at: datetime) -> bool:
    """Whether the watch has not ended on this day, by the clocks of the site, and none is under way."""
    last = Heartbeat.objects.filter(job=JOB).first()
    if last is None:
        return True
    if last.ended_at and last.ended_at >= last.started_at:
        return timezone.localdate(last.ended_at) < timezone.localdate(at)
    return at - last.started_at > STOPPED_AFTER


def run_daily(*, at: datetime) -> Iterator[Outcome]:
    """The first run of a day goes over all pages; the later ones do nothing. What is left when whoever asks stops asking
    is done an hour later."""
    if not is_due(at=at):
        return
    Heartbeat.objects.update_or_create(job=JOB, defaults={"started_at": at})
    yield from watch(at=at)
    Heartbeat.objects.filter(job=JOB).update(ended_at=at)


@dataclass(frozen=True)
class Event:
    """Why a page should be looked at. `since` is the day on which it began."""

    cause: Cause
    key: str
    about: str
    since: date


@dataclass
class Findings:
    """What one edition leans on: `named` has the keys of all of it, `events` those that have gone, `doubtful` those
    that are bad, but not for long enough to ask for a review."""

    named: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)


def watch(*, at: datetime) -> Iterator[Outcome]:
    """Yields for each request that is opened or closed; each has its own transaction."""
    today = timezone.localdate(at)
    sources = list(WithdrawnSource.objects.all())
    for editions in live_editions.batches(at=at):
        findings = _look(editions, sources, at=at, today=today)
        asked = _asked(editions)
        for edition in editions:
            of_page = asked.get(edition.article_id, [])
            yield from _ask(edition.article, findings[edition.pk], of_page, at=at, today=today)
            yield from _close_what_has_passed(findings[edition.pk], of_page, sources, at=at)
    yield from _close_of_pages_nobody_reads(at=at)


def _ask(
    article: Article, found: Findings, asked: list[ReviewRequest], *, at: datetime, today: date
) -> Iterator[Outcome]:
    for event in found.events:
        if any(request.key == event.key and _settles(request, event) for request in asked):
            continue
        details = {"cause": event.cause, "about": event.about, "key": event.key, "due_on": today + DUE_AFTER}
        try:
            review_requests.ask(article, **details, at=at, by=WATCH)
        except ValidationError:  # withdrawn since the batch was read
            continue
        yield Outcome(f"“{article}”: a review is asked for. {event.about}")


def _settles(request: ReviewRequest, event: Event) -> bool:
    """Whether a request of the same key asks for the same event: it is open, or somebody has decided about it. One that
    the watch has closed, because the cause had passed, does not count."""
    if request.closed_at is None:
        return True
    return request.closed_by != WATCH.name and request.opened_on >= event.since


def _close_what_has_passed(
    found: Findings, asked: list[ReviewRequest], sources: list[WithdrawnSource], *, at: datetime
) -> Iterator[Outcome]:
    standing = {event.key for event in found.events} | found.doubtful
    for request in asked:
        if request.closed_at is None and request.key not in standing:
            yield from _close(request, _why_it_passed(request, found, sources), at=at)


def _why_it_passed(request: ReviewRequest, found: Findings, sources: list[WithdrawnSource]) -> str:
    if request.cause == Cause.SOURCE:
        listed = any(request.key == withdrawn_sources.key_of(source) for source in sources)
        return "The page no longer cites the source" if listed else withdrawn_sources.OFF_THE_LIST
    if request.key not in found.named:
        return "The page no longer leads there"
    if request.cause == Cause.LINK:
        return "The link answers again"
    return "The related page is there again and not long overdue"


def _close_of_pages_nobody_reads(*, at: datetime) -> Iterator[Outcome]:
    """What an event asked of a page that was withdrawn since is asked again when it comes back."""
    live = Edition.objects.live(at=at).values("article")
    moot = ReviewRequest.objects.open().filter(cause__in=OF_EVENTS).exclude(article__in=live).order_by("article", "pk")
    for request in list(moot.select_related("article")):
        yield from _close(request, "Patients don’t read the page any more", at=at)


def _close(request: ReviewRequest, because: str, *, at: datetime) -> Iterator[Outcome]:
    try:
        review_requests.close(request, because=because, at=at, by=WATCH)
    except ValidationError:  # closed since the batch was read
        return
    yield Outcome(f"“{request.article}”: the request for a review is closed. {because}.")


def _asked(editions: list[Edition]) -> dict[int, list[ReviewRequest]]:
    """The requests of events for the articles of a batch, open and closed, by article."""
    articles = [edition.article_id for edition in editions]
    asked = {}
    found = ReviewRequest.objects.filter(article__in=articles, cause__in=OF_EVENTS).order_by("article", "pk")
    for request in found.select_related("article"):
        asked.setdefault(request.article_id, []).append(request)
    return asked


def _look(editions: list[Edition], sources: list[WithdrawnSource], *, at: datetime, today: date) -> dict[int, Findings]:
    """The findings of each edition of a batch, by its id."""
    addresses = {edition.pk: outside_addresses(edition.content) for edition in editions}
    checks = checks_of({address for found in addresses.values() for address in found})
    gone = _related(editions, at=at, today=today)
    findings = {}
    for edition in editions:
        found = findings[edition.pk] = Findings()
        for link in edition.content["links"]:
            key = f"topic:{link['topic']}" if link["topic"] else f"article:{link['article']}"
            if key in gone and key not in found.named:
                found.events.append(gone[key])
            found.named.add(key)
        for address in addresses[edition.pk]:
            found.named.add(f"link:{address}")
            _look_at_link(found, checks.get(address), today=today)
        for source in withdrawn_sources.cited_by(edition, sources):
            since = timezone.localdate(source.recorded_at)
            key, about = withdrawn_sources.key_of(source), withdrawn_sources.about(source)
            found.events.append(Event(Cause.SOURCE, key, about, since))
    return findings


def _look_at_link(found: Findings, check: LinkCheck | None, *, today: date) -> None:
    if check is None or check.verdict not in BAD:
        return
    key = f"link:{check.url}"
    if check.verdict == LinkCheck.Verdict.FAILING and check.bad_since > today - timedelta(FAILING_FOR):
        found.doubtful.add(key)
        return
    what = "is gone" if check.verdict == LinkCheck.Verdict.GONE else "does not answer"
    said = f"The link to {check.url} {what}, noticed first on {date_format(check.bad_since)}: {check.detail}"
    found.events.append(Event(Cause.LINK, key, said, check.bad_since))


def _related(editions: list[Edition], *, at: datetime, today: date) -> dict[str, Event]:
    """The topics and articles of the see-also lists of a batch that are withdrawn or long overdue, by key."""
    links = [link for edition in editions for link in edition.content["links"]]
    topics = {link["topic"] for link in links if link["topic"]}
    articles = {link["article"] for link in links if link["article"]}
    gone = {}
    late = Article.objects.filter(pk__in=articles, next_review_on__lt=today - timedelta(LONG_OVERDUE))
    for article in Article.objects.published(at=at).filter(pk__in=late).only("title", "next_review_on"):
        said = f"The related page “{article.title}” is overdue since {date_format(article.next_review_on)}."
        since = article.next_review_on + timedelta(LONG_OVERDUE + 1)
        gone[f"article:{article.pk}"] = Event(Cause.RELATED, f"article:{article.pk}", said, since)
    for model, ids in ((Topic, topics), (Article, articles)):
        name = model._meta.model_name
        away = Withdrawal.objects.in_force(at=at).filter(**{f"{name}__in": ids}).select_related(name)
        for withdrawal in away:
            page = getattr(withdrawal, name)
            what = "topic" if model is Topic else "page"
            since = timezone.localdate(withdrawal.from_at)
            said = f"The related {what} “{page.title}” was withdrawn on {date_format(since)}: {withdrawal.reason}"
            gone[f"{name}:{page.pk}"] = Event(Cause.RELATED, f"{name}:{page.pk}", said, since)
    return gone
