"""Complete things by default; a test names only what it is about."""

from datetime import UTC, date, datetime, timedelta

from articles import publishing, reviewing
from articles.kinds import Kind
from articles.models import Article, RelatedLink, Review, Section, Topic

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)
YESTERDAY = NOON - timedelta(days=1)


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


def published(article: Article | None = None, *, at=YESTERDAY, by="Ana Ruiz", **details) -> Article:
    article = article or an_article()
    publishing.publish(article, at=at, by=by, **details)
    article.refresh_from_db()
    return article


def reviewed(article: Article, *, at=NOON, on=DAY, next_on=date(2029, 11, 22), **fields) -> Review:
    defaults = {
        "reviewer_name": "Grace Obi",
        "reviewer_credential": "RN, no. 12345",
        "outcome": Review.Outcome.NO_CHANGE,
        "evidence": "ASCO guideline 2024",
    }
    review = Review(article=article, reviewed_on=on, next_review_on=next_on, **{**defaults, **fields})
    return reviewing.record_review(review, at=at, by="Grace Obi")
