"""Complete things by default; a test names only what it is about."""

from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import Group, User
from django.db import connection

from articles import due, publishing, reviewing, revising, workflow
from articles.kinds import Kind
from articles.models import Article, Edition, Profile, RelatedLink, Review, Section, Topic
from articles.people import Person

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)
YESTERDAY = NOON - timedelta(days=1)
ANA, GRACE, IMPORT = Person("Ana Ruiz"), Person("Grace Obi"), Person("Import")


def a_topic(title="Bone scan", *, kind=Kind.TEST, other_names=(), tags=(), **fields) -> Topic:
    topic = Topic.objects.create(title=title, kind=kind, **{"definition": f"What {title} is.", **fields})
    for name in other_names:
        topic.other_names.create(name=name)
    topic.tags.set(tags)
    return topic


def an_article(
    title="Coping with nausea", *, sections=(("", "<p>Small meals help.</p>"),), about=(), tags=(), **fields
) -> Article:
    """A working copy that can be published."""
    defaults = {"kind": Kind.IN_DEPTH, "deck": "What helps when you feel sick."}
    article = Article.objects.create(title=title, **{**defaults, **fields})
    for position, (heading, body) in enumerate(sections, start=1):
        Section.objects.create(article=article, position=position, heading=heading, body=body)
    article.about.set(about)
    article.tags.set(tags)
    return article


def with_see_also(article: Article, targets) -> Article:
    """The article with a see-also list: topics, articles, or the number of topics to make."""
    if isinstance(targets, int):
        targets = [a_topic(f"Related topic {number:03}") for number in range(1, targets + 1)]
    for position, target in enumerate(targets, start=1):
        field = "topic" if isinstance(target, Topic) else "target_article"
        RelatedLink.objects.create(article=article, position=position, **{field: target})
    return article


def publish(article: Article, *, at=NOON, by=ANA, **details):
    """An edition without the way of the workflow, as an import makes one."""
    return publishing.publish(article, at=at, by=by, **{"bypass_reason": "Imported.", **details})


def published(article: Article | None = None, *, at=YESTERDAY, by=ANA, **details) -> Article:
    article = article or an_article()
    publish(article, at=at, by=by, **details)
    article.refresh_from_db()
    return article


def many_published(rows, *, at=YESTERDAY) -> list[Article]:
    """Pages that patients read, one for each dict of columns, in a few statements: for tests of many pages."""
    articles = [
        Article(**{"title": f"Page {number:03}", "slug": f"page-{number}", "kind": Kind.IN_DEPTH, **columns})
        for number, columns in enumerate(rows, start=Article.objects.count())
    ]
    is_large_on_postgresql = connection.vendor == "postgresql" and len(articles) >= 200
    if is_large_on_postgresql:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            usual = cursor.fetchone()[0]
            cursor.execute("SET statement_timeout = '30s'")  # to fill a library; what is asked of it keeps its bound
    Article.objects.bulk_create(articles)
    pattern = published(an_article("Pattern"), at=at).editions.get()
    fields = {field.attname: getattr(pattern, field.attname) for field in Edition._meta.concrete_fields}
    Edition.objects.bulk_create(Edition(**{**fields, "id": None, "article_id": article.pk}) for article in articles)
    if is_large_on_postgresql:
        with connection.cursor() as cursor:  # as after a day's running; or it plans for what stood here before
            cursor.execute("ANALYZE")
    due.follow_editions(Article.objects.filter(live_from=None))
    if is_large_on_postgresql:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [usual])
    return articles


def reviewed(
    article: Article, *, at=NOON, on=DAY, next_on=date(2029, 11, 22), seen=None, answers=(), **fields
) -> Review:
    defaults = {
        "reviewer_name": "Grace Obi",
        "reviewer_credential": "RN, no. 12345",
        "outcome": Review.Outcome.NO_CHANGE,
        "evidence": "ASCO guideline 2024",
    }
    review = Review(article=article, reviewed_on=on, next_review_on=next_on, **{**defaults, **fields})
    return reviewing.record_review(review, at=at, by=GRACE, seen=seen, answers=answers)


# People in the groups that the migrations made. Named twice in a test, it is the same account, read anew.


def an_account(role: str, name: str, *, username: str = "", number: str = "") -> User:
    """Somebody in a group; with a registration number also somebody who has a profession."""
    username = username or name.lower().replace(" ", ".")
    first, _, last = name.partition(" ")
    user, _ = User.objects.get_or_create(
        username=username, defaults={"first_name": first, "last_name": last, "is_staff": True}
    )
    user.groups.add(Group.objects.get(name=role))
    if number:
        stated = {"profession": "Registered nurse", "registration_number": number}
        Profile.objects.get_or_create(user=user, defaults=stated)
    return User.objects.get(pk=user.pk)


def an_author(name="Ana Ruiz", **fields) -> User:
    return an_account("Author", name, **fields)


def a_reviewer(name="Grace Obi", *, number="NMC 12345", **fields) -> User:
    return an_account("Clinical reviewer", name, number=number, **fields)


def a_publisher(name="Paul Lee", **fields) -> User:
    return an_account("Publisher", name, **fields)


# Articles on the way of the workflow, by the verbs of articles/workflow/.


def wrote(article: Article | None = None, *, by: User | Person | None = None, at=YESTERDAY, body="") -> Article:
    """The article after a save: of its text as it stands, or of another text for its first section."""
    article = article or an_article()
    by = by or an_author()
    version = Article.objects.values_list("version", flat=True).get(pk=article.pk)
    with revising.revision(article, version=version, at=at, by=by if isinstance(by, Person) else Person.of(by)):
        if body:
            first = article.sections.first()
            first.body = body
            first.save()
    return Article.objects.get(pk=article.pk)


def sent(article: Article | None = None, *, by: User | None = None, at=YESTERDAY) -> Article:
    """In review; written by the author when it has no version yet."""
    article = article if article and article.version else wrote(article, at=at)
    workflow.submit(article, version=article.version, by=by or an_author(), at=at)
    return Article.objects.get(pk=article.pk)


def signed_off(article: Article | None = None, *, by: User | None = None, at=YESTERDAY) -> Article:
    """Approved: written and sent by the author, signed off by the reviewer."""
    article = sent(article, at=at)
    workflow.sign_off(article, version=article.version, by=by or a_reviewer(), at=at)
    return Article.objects.get(pk=article.pk)


def signed_and_published(article: Article | None = None, *, by: User | None = None, at=YESTERDAY, **details) -> Article:
    """Published in the ordinary way: by the author, the reviewer and the publisher."""
    article = signed_off(article, at=at)
    details = {"change": "major", "note": "What changed.", **details}
    workflow.publish(article, version=article.version, by=by or a_publisher(), at=at, **details)
    return Article.objects.get(pk=article.pk)


def scheduled(
    article: Article | None = None, live_at=None, *, by: User | None = None, at=YESTERDAY, **details
) -> Article:
    """Signed off, and to go live at `live_at`, tomorrow at noon unless it is given."""
    article = signed_off(article, at=at)
    details = {"change": "major", "note": "What changed.", "live_at": live_at or NOON + timedelta(days=1), **details}
    workflow.schedule(article, version=article.version, by=by or a_publisher(), at=at, **details)
    return Article.objects.get(pk=article.pk)
