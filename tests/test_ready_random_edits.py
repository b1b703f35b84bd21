"""Whatever editors do, and whatever day it is: no page that is kept differs from one that is made anew."""

import logging
import os
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import changes, due, policies, publishing
from articles.kinds import Kind
from articles.models import Article, BestBet, Policy, Redirect, StatedReview, Synonym, Tag, Topic
from articles.public_addresses import every_address
from library.ready.rendering import ask
from tests.builders import ANA, a_topic, an_article, publish, published, reviewed, with_see_also
from tests.ready_pages import Clock, Ready

ROUNDS = int(os.environ.get("DRILL_ROUNDS_OF_EDITS", 1))
LIBRARIES = range(int(os.environ.get("DRILL_LIBRARIES", 2)))
PAGE_OF_ARTICLE = re.compile(r"(/es)?/articles/[^/]+/")
NAMES = [f"Topic {letter}" for letter in "ABCDEF"]
TEXT = [("", f"<p>{' '.join(f'{name} may help.' for name in NAMES)}</p>")]  # so the list of words is not empty
START = datetime(2026, 3, 7, 21, 30, tzinfo=UTC)  # in New York the clocks go forward that night


class Library:
    """A small library, and somebody who does anything in it, by the verbs that the product has."""

    def __init__(self, chance: random.Random, clock: Clock):
        self.chance, self.clock = chance, clock
        Tag.objects.get_or_create(name="pain", defaults={"name_es": "dolor"})
        self.topics = [
            a_topic(name, kind=self.kind(), tags=self.tags(), language=self.language()) for name in NAMES[:4]
        ]
        self.write("N", language="en")
        self.write("M", language="es")
        for _ in range(3):
            self.translate()
        published(an_article("Old page"), at=START - timedelta(days=58))

    def kind(self) -> Kind:
        return self.chance.choice([Kind.TEST, Kind.VIDEO])

    def tags(self) -> list[str]:
        return self.chance.sample(["sleep", "pain"], self.chance.randint(0, 2))

    def language(self) -> str:
        return self.chance.choice(["en", "es"])

    def some(self, of: list, most=3) -> list:
        return self.chance.sample(of, self.chance.randint(0, min(most, len(of))))

    def article(self) -> Article:
        return self.chance.choice(list(Article.objects.order_by("pk")))

    def topic(self) -> Topic:
        return self.chance.choice(list(Topic.objects.order_by("pk")))

    def later(self) -> datetime:
        return self.clock.now + self.chance.choice([timedelta(minutes=20), timedelta(hours=4), timedelta(days=3)])

    def word(self) -> str:
        return f"Word {self.chance.randint(1, 10**6)}"

    # What may happen. A verb that refuses has done nothing.

    def write(self, name="", language="") -> None:
        topics = self.topics if name else self.some(list(Topic.objects.order_by("pk")))
        links = [*topics, *self.some(list(Article.objects.order_by("pk")), 1)]
        article = an_article(
            f"Page {name or self.word()}",
            sections=TEXT,
            language=language or self.language(),
            kind=self.kind(),
            tags=self.tags(),
            about=self.some(self.topics, 1),
        )
        published(with_see_also(article, links), at=self.clock.now)

    def publish_again(self, live_at=None) -> None:
        article = self.article()
        article.title, article.kind = self.word(), self.kind()
        article.save()
        article.tags.set(self.tags())
        article.about.set(self.some(self.topics, 2))
        article.related_links.all().delete()
        with_see_also(article, self.some(list(Topic.objects.order_by("pk"))))
        publish(article, at=self.clock.now, note="Changed.", live_at=live_at)

    def translate(self) -> None:
        """A page becomes the translation of one that has none, or is one no longer."""
        page = self.chance.choice([self.article, self.topic])()
        alone = type(page).objects.filter(translation_of=None, translations=None).exclude(language=page.language)
        if page.translation_of:
            page.translation_of = None
        elif alone and not page.translations.exists():
            page.translation_of = self.chance.choice(list(alone.order_by("pk")))
        page.save()

    def schedule(self) -> None:
        self.publish_again(live_at=self.later())

    def call_off(self) -> None:
        editions = [
            edition
            for article in Article.objects.all()
            for edition in article.editions.filter(published_at__gt=self.clock.now)
        ]
        if editions:
            publishing.call_off_edition(self.chance.choice(editions), at=self.clock.now, by=ANA)

    def withdraw(self) -> None:
        page = self.chance.choice([self.article, self.topic])()
        publishing.withdraw(page, at=self.clock.now, by=ANA, reason=self.word())

    def end_later(self) -> None:
        publishing.withdraw(self.article(), at=self.clock.now, by=ANA, reason=self.word(), from_at=self.later())

    def bring_back(self) -> None:
        for page in [*Article.objects.all(), *Topic.objects.all()]:
            if page.withdrawal(at=self.clock.now):
                publishing.bring_back(page, at=self.clock.now, by=ANA)

    def move_page(self) -> None:
        page = self.chance.choice([self.article, self.topic])()
        page.slug = f"moved-{self.chance.randint(1, 10**6)}"
        page.save()

    def forget_redirect(self) -> None:
        Redirect.objects.filter(pk=Redirect.objects.order_by("pk").values_list("pk", flat=True).first()).delete()

    def save_draft(self) -> None:
        article = self.article()
        article.title = article.deck = self.word()
        article.save()

    def edit_topic(self) -> None:
        topic = self.topic()
        what = self.chance.choice(["title", "definition", "kind", "tags", "names", "new"])
        if what == "tags":
            topic.tags.set(self.tags())
        elif what == "names":
            topic.other_names.all().delete()
            topic.other_names.create(name=self.chance.choice(NAMES))
        elif what == "new":
            a_topic(self.word(), kind=self.kind(), tags=self.tags(), language=self.language())
        else:
            new = {"kind": self.kind(), "title": self.chance.choice([*NAMES, self.word()]), "definition": self.word()}
            setattr(topic, what, new[what])
            topic.save()

    def delete_topic(self) -> None:
        unused = Topic.objects.filter(links_to_it=None, editions_naming=None, editions_about=None, articles_about=None)
        unused = unused.filter(translations=None, withdrawals=None).exclude(pk__in=[topic.pk for topic in self.topics])
        self.chance.choice([*unused.order_by("pk"), a_topic("Passing")]).delete()

    def rename_tag(self) -> None:
        if tags := list(Tag.objects.order_by("pk")):
            tag = self.chance.choice(tags)
            what = self.chance.choice(["name", "name_es"])
            setattr(tag, what, "" if what == "name_es" and tag.name_es else self.word())
            tag.save()

    def review(self) -> None:
        today = timezone.localdate(self.clock.now)
        reviewed(
            self.article(), at=self.clock.now, on=today, next_on=today + timedelta(days=self.chance.choice([1, 2, 400]))
        )

    def state_review(self) -> None:
        article, today = self.article(), timezone.localdate(self.clock.now)
        StatedReview.objects.create(
            article=article,
            reviewed_on=today - timedelta(days=9),
            next_review_on=today + timedelta(days=1),
            source="file",
            imported_at=self.clock.now,
            imported_by="Import",
        )
        due.settle(article)

    def set_policy(self) -> None:
        Policy.objects.update_or_create(
            kind=self.kind(), defaults={"months": self.chance.randint(1, 9), "banner_after_days": 0}
        )
        policies.apply(at=self.clock.now, by=ANA, reason="New policy.")

    def help_search(self) -> None:
        Synonym.objects.get_or_create(words=self.word(), meaning="pain", sort="lay_term")
        BestBet.objects.create(words=self.word(), topic=self.topic())

    def wait(self) -> None:
        self.clock.move(
            self.chance.choice([timedelta(minutes=30), timedelta(hours=5), timedelta(days=1), timedelta(days=2)])
        )

    def next_day(self) -> None:
        local = timezone.localtime(self.clock.now)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.clock.now = midnight.astimezone(UTC)

    def acts(self) -> list[Callable]:
        often = [
            self.publish_again,
            self.withdraw,
            self.edit_topic,
            self.schedule,
            self.review,
            self.wait,
            self.translate,
        ]
        seldom = [
            self.write, self.call_off, self.end_later, self.bring_back, self.bring_back, self.move_page, self.forget_redirect,
            self.save_draft, self.delete_topic, self.rename_tag, self.state_review, self.set_policy, self.help_search,
            self.next_day,
        ]  # fmt: skip
        return [*often, *often, *seldom]


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch, START)


@pytest.fixture(autouse=True)
def by_other_clocks(settings):
    settings.TIME_ZONE = "America/New_York"
    logging.getLogger("library.requests").setLevel(logging.WARNING)
    yield
    logging.getLogger("library.requests").setLevel(logging.INFO)


class Comparison:
    """Kept pages beside fresh ones, which are made once for each state of the library."""

    def __init__(self, ready: Ready, clock: Clock):
        self.ready, self.clock = ready, clock
        self.fresh = {}

    def wrong(self, addresses: set[str]) -> list[str]:
        """The addresses whose page, in memory or in the mirror, isn't as it would be made; in the mirror also those that
        will be true later today or tomorrow."""
        found = []
        for address in sorted(addresses):
            now = self.clock.now.timestamp()
            kept = [
                (now, self.ready.front.memory.get(address, now)),
                (now, self.ready.front._from_mirror(address, now)),
            ]
            for later in (7 * 3600, 40 * 3600):
                page = self.ready.front._from_mirror(address, now + later)
                if page and page.start > now:
                    kept.append((now + later, page))
            found += [
                f"{address} at {moment - now:+.0f} s" for moment, page in kept if page and self.differs(page, moment)
            ]
        return found

    def differs(self, page, moment: float) -> bool:
        if (page.key, moment) not in self.fresh:
            at = datetime.fromtimestamp(moment, UTC)
            self.fresh[page.key, moment] = ask(self.ready.application, page.key, at=at)
        fresh = self.fresh[page.key, moment]
        return (page.status, page.plain) != (fresh.status, fresh.body)


def edits(seed: int, ready: Ready, clock: Clock, *, acts=(), rounds=ROUNDS, in_a_round=4) -> list[str]:
    """What went wrong, beginning with the acts that led there; nothing when every page was right after each round."""
    chance = random.Random(seed)
    library, done, known = Library(chance, clock), [], set()
    ready.look()
    ready.keep()
    for _ in range(rounds):
        addresses = set(every_address(at=clock.now))
        articles = {address for address in addresses if PAGE_OF_ARTICLE.fullmatch(address)}
        known |= addresses | {f"{path}{rest}" for path in articles for rest in ("history/", "editions/1/")}
        for address in sorted(known):
            ready.get(address)  # so that it is in memory
        for _ in range(in_a_round):
            act = chance.choice([getattr(library, name) for name in acts] or library.acts())
            try:
                act()
            except ValidationError:
                ready.look()  # the text that was to be published is saved all the same
                continue
            done.append(act.__name__)
            ready.look()
            if chance.random() < 0.7:  # the keeper comes late, or several changes at a time
                ready.keep()
        if wrong := Comparison(ready, clock).wrong(known):
            return [*done, *wrong]
        ready.keep()
    return []


@pytest.mark.parametrize("seed", LIBRARIES)
def test_no_kept_page_ever_differs_from_a_fresh_one(committing_db, tmp_path, clock, seed):
    ready = Ready(tmp_path)
    assert edits(seed, ready, clock) == []
    ready.keeper.look_at = 0  # days have passed; the keeper looks through all addresses every ten minutes
    ready.keep()
    assert set(every_address(at=clock.now)) <= ready.keeper.mirror.kept_until(clock.now.timestamp() + 24 * 3600)


FAULTS = {  # what may happen, and the library to begin with: one in which the fault shows, so that few are made
    "no key for kinds": (["publish_again", "write"], 0),
    "no key for topics beside": (["edit_topic"], 0),
    "no trigger of topics": (["withdraw", "edit_topic"], 0),
    "no key for translations": (["publish_again", "translate"], 1),
    "no key for words": (["edit_topic"], 0),
    "no end of the day": (["next_day"], 0),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparison_sees_a_forgotten_dependency(committing_db, tmp_path, clock, monkeypatch, fault):
    touched, since = changes.touched, changes.since
    forgotten = {"no key for kinds": "kind:", "no key for translations": "translations:", "no key for words": "words:"}
    if prefix := forgotten.get(fault):
        monkeypatch.setattr(
            changes, "touched", lambda keys: {key for key in touched(keys) if not key.startswith(prefix)}
        )
    if fault == "no key for topics beside":
        monkeypatch.setattr(
            changes, "touched", lambda keys: touched({key for key in keys if not key.startswith("name:")})
        )
    if fault == "no trigger of topics":
        monkeypatch.setattr(
            changes, "since", lambda seen, now: {key for key in since(seen, now) if "topic:" not in key}
        )
    if fault == "no end of the day":
        monkeypatch.setattr("articles.views.public.dateline_until", lambda edition, *, today: None)
    acts, first = FAULTS[fault]
    tries = ((seed, Ready(tmp_path / f"{seed}")) for seed in range(first, first + 6))
    assert any(edits(seed, ready, clock, acts=acts, rounds=1, in_a_round=12) for seed, ready in tries)
