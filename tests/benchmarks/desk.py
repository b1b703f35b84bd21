"""The review desk over 20,000 published pages with ten related links each, a third of them overdue, then none."""

import random
from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from articles import due
from articles.kinds import Kind
from articles.models import Article, ArticleTag, Edition, RelatedLink, ReviewRequest, Tag, Withdrawal
from tests.benchmarks import heading, prepare, row
from tests.benchmarks.editions import an_edition

PAGES = 20_000
LINKS = 10  # of each page
PEOPLE, TAGS, WITHDRAWN, ASKED = 30, 60, 100, 400
DAY = timedelta(days=1)
TEXT = f"<p>{'Most people feel better within days. ' * 80}</p>"
ADDRESSES = {
    "desk": "",
    "desk: overdue": "?list=overdue",
    "desk: changed, third page": "?list=changed&page=3",
    "desk: points at overdue or withdrawn": "?list=related",
    "desk: extra review asked for": "?list=asked",
    "desk: mine, due in 90 days": "?list=due-90&owner=me",
    "desk: a tag and a word": "?tag=tag-7&q=nausea",
}


def main() -> None:
    prepare()
    chance = random.Random(1)  # the same library every time
    fill(chance, now=timezone.now(), today=timezone.localdate())
    reviewer = Client(headers={"host": "localhost"})
    reviewer.force_login(User.objects.get(username="person-0"))
    heading()
    for few in (False, True):
        if few:
            soon = timezone.localdate() + 30 * DAY
            Article.objects.filter(next_review_on__lt=timezone.localdate()).update(next_review_on=soon)
            print(f"\nThe same {PAGES:,} pages, none overdue")
        for name, address in ADDRESSES.items():
            row(name, lambda address=address: reviewer.get(f"/admin/review-desk/{address}"), repeat=9)


def fill(chance: random.Random, *, now: datetime, today: date) -> None:
    people = [
        User.objects.create_user(f"person-{number}", is_staff=True, first_name=f"Person {number}")
        for number in range(PEOPLE)
    ]
    groups = list(Group.objects.all())
    people[0].groups.add(Group.objects.get(name="Date reviewer"))
    tags = Tag.objects.bulk_create(Tag(name=f"tag {number}", slug=f"tag-{number}") for number in range(TAGS))
    articles = [an_article(number, chance, people, groups, today=today) for number in range(PAGES)]
    articles = Article.objects.bulk_create(articles, batch_size=500)
    Edition.objects.bulk_create(
        (
            an_edition(article, TEXT, at=now - timedelta(days=500 - number), number=number)
            for article in articles
            for number in range(1, chance.choice([1, 1, 2]) + 1)
        ),
        batch_size=500,
    )
    for start in range(0, PAGES, 1_000):
        due.follow_editions(Article.objects.filter(pk__in=[article.pk for article in articles[start : start + 1_000]]))
    tagged = ((article, tag) for article in articles for tag in chance.sample(tags, 2))
    ArticleTag.objects.bulk_create((ArticleTag(content_object=each, tag=tag) for each, tag in tagged), batch_size=900)
    links = (
        RelatedLink(article=article, position=position, target_article=target)
        for article in articles
        for position, target in enumerate(chance.sample(articles, LINKS), start=1)
    )
    RelatedLink.objects.bulk_create(links, batch_size=900)
    gone = chance.sample(articles, WITHDRAWN)
    Withdrawal.objects.bulk_create(
        Withdrawal(article=article, from_at=now - DAY, reason="Measured.") for article in gone
    )
    ReviewRequest.objects.bulk_create(
        ReviewRequest(
            article=article,
            cause=chance.choice(ReviewRequest.Cause.values),
            about="Measured.",
            key="measured",
            opened_on=today,
            due_on=today + 14 * DAY,
            opened_by="make bench",
        )
        for article in chance.sample(articles, ASKED)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM ANALYZE")  # as the autovacuum has done it in a library that has run for a day
            cursor.execute("RESET statement_timeout")


def an_article(number: int, chance: random.Random, people, groups, *, today: date) -> Article:
    reviewed_on = today - chance.randrange(1, 1_600) * DAY if chance.random() > 0.2 else None
    return Article(
        title=f"Page number {number} about nausea",
        slug=f"page-{number}",
        kind=chance.choice(Kind.values),
        owner=chance.choice(people) if chance.random() > 0.2 else None,
        owner_group=chance.choice(groups) if chance.random() > 0.5 else None,
        review_months=chance.choice([12, 24, 36, None]),
        review_policy="24 months, because its kind is Condition",
        reviewed_on=reviewed_on,
        reviewed_edition=1 if reviewed_on else None,
        next_review_on=reviewed_on + 1_095 * DAY if reviewed_on else None,
        version=1,
    )


if __name__ == "__main__":
    main()
