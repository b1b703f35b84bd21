"""What patients see. Each view reads the clock, asks, and renders; HTML comes from editions, never working copies."""

from collections import Counter
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles import alphabet, translations
from articles import see_also as related
from articles.checks.text import bodies_of
from articles.dateline import dateline, dateline_until
from articles.kinds import Kind
from articles.models import Article, Edition, Tag, Topic
from articles.models.edition import CHANGED_ON
from articles.public_addresses import PER_PAGE
from articles.reader_help import mail_about, minutes_to_read
from articles.sorting import LETTERS
from articles.structured_data import medical_web_page, topic_page
from articles.views.errors import moved_or_gone
from articles.word_list import keys_of_words, word_list
from library.prepared import prepared
from library.ready import depends_on, moment_of, not_kept
from library.serving import public_page

NEWEST = 6  # pages under "Newly updated"
PRINTED = [  # what a page asks of its edition and article, besides the dates of its reviews
    *("number", "language", "title", "deck", "kind", "is_sample", "content", "published_at"),
    *("published_on", "published_on_is_stated", "updated_on"),
    *("article__slug", "article__language", "article__translation_of"),
]
BESIDE = 12  # topics under "Often listed together with"


@public_page
def home(request):
    at, language = moment_of(request), get_language()
    depends_on(request, "articles", "topics")
    live = Edition.objects.live(at=at).filter(language=language)
    kinds = Counter()
    for kind, number in _by_kind(language=language, at=at):
        kinds[kind] += number
    context = {
        "newest": live.for_lists().order_by(CHANGED_ON.desc(), "title")[:NEWEST],
        "kinds": [(kind, kinds[kind]) for kind in Kind if kinds[kind]],
        "letters": _letters(at, language),
        **_in_other_languages(translations.homes()),
    }
    return render(request, "articles/home.html", context)


@prepared
def _by_kind(*, language, at):
    live, topics = Edition.objects.live(at=at).filter(language=language), _topics(at, language)
    of_articles, of_topics = (pages.order_by().values_list("kind").annotate(Count("pk")) for pages in (live, topics))
    return of_articles.union(of_topics, all=True)


@public_page
def article(request, slug):
    at = moment_of(request)
    edition = _live_edition(slug, at)
    if edition is None:
        return moved_or_gone(request, Article, slug, at=at)
    links = related.visible_links(edition, at=at)
    today = timezone.localdate(at)
    depends_on(
        request,
        *related.keys(edition),
        *keys_of_words(edition),
        translations.key(edition.article),
        f"review:{edition.article_id}",
        until=dateline_until(edition, today=today),
    )
    address = f"{settings.SITE_URL}{edition.get_absolute_url()}"
    versions = translations.versions(edition.article, at=at)
    bodies = bodies_of(edition.content)
    context = {
        "edition": edition,
        "content": edition.content,
        "kind": edition.kind_of_page,
        "dateline": dateline(edition, today=today),
        "links": links,
        "groups": related.by_kind(links),
        "words": word_list(edition, bodies, at=at),
        "tags": [
            {**tag, "public": name} for tag in edition.content["tags"] if (name := tag.get("public", tag["name"]))
        ],
        "lag": translations.lag(versions, edition.language),
        **_in_other_languages(versions),
        "structured_data": medical_web_page(edition, url=address),
        "address": address,
        "headed_sections": [section for section in edition.content["sections"] if section["heading"]],
        "minutes": minutes_to_read(edition.content, bodies),
        "mail": mail_about(edition.title, address),
    }
    return render(request, "articles/article.html", context)


@public_page
def see_also(request, slug):
    """All related links of an article, in the order of its source."""
    at = moment_of(request)
    edition = _live_edition(slug, at)
    if edition is None:
        return moved_or_gone(request, Article, slug, at=at, rest="see-also/")
    depends_on(request, *related.keys(edition))
    context = {
        "edition": edition,
        "kind": edition.kind_of_page,
        "links": related.visible_links(edition, at=at),
    }
    return render(request, "articles/see_also.html", context)


def _live_edition(slug, at):
    return next(iter(_live_editions(slug=slug, language=get_language(), at=at)), None)


@prepared
def _live_editions(*, slug, language, at):
    live = Edition.objects.live(at=at).with_review_dates().with_what_changed().select_related("article")
    return live.filter(article__slug=slug, article__language=language).order_by().only(*PRINTED)


@public_page
def topic(request, slug):
    at = moment_of(request)
    topics = _topics(at, get_language())
    topic = topics.filter(slug=slug).prefetch_related("other_names", "tags").first()
    if topic is None:
        return moved_or_gone(request, Topic, slug, at=at)
    depends_on(request, f"topic:{topic.pk}", translations.key(topic))
    of_topic = {"topic": topic.pk, "language": topic.language, "at": at}
    naming = _naming(**of_topic)
    # Of the articles that the page lists: named one by one, so that the database looks at nothing else.
    named_by, tags = [edition.pk for edition in naming], [tag.pk for tag in topic.tags.all()]
    address = f"{settings.SITE_URL}{topic.get_absolute_url()}"
    context = {
        "topic": topic,
        "kind": Kind(topic.kind),
        "about": _about(**of_topic),
        "naming": naming,
        "beside": _beside(named_by=named_by, tags=tags, **of_topic) if naming else [],
        "tags": [tag for tag in topic.tags.all() if tag.public],
        **_in_other_languages(translations.versions(topic, at=at)),
        "structured_data": topic_page(topic, url=address),
        "address": address,
        "mail": mail_about(topic.title, address),
    }
    return render(request, "articles/topic.html", context)


@prepared
def _about(*, topic, language, at):
    return Edition.objects.live(at=at).for_lists().filter(language=language, about=topic)


@prepared
def _naming(*, topic, language, at):
    return Edition.objects.live(at=at).for_lists().filter(language=language, see_also=topic)[:PER_PAGE]


@prepared
def _beside(*, topic, language, at, named_by, tags):
    topics = _topics(at, language).filter(editions_naming__pk__among=named_by).exclude(pk=topic)
    shared_tags = Count("tags", filter=Q(tags__pk__among=tags), distinct=True)
    topics = topics.annotate(times=Count("editions_naming", distinct=True), shared_tags=shared_tags)
    return topics.order_by("-times", "-shared_tags", "sort_key")[:BESIDE]


@public_page(query=("letter", "page"))
def a_to_z(request):
    at, language = moment_of(request), get_language()
    depends_on(request, "topics")
    letters = _letters(at, language)
    letter = request.GET.get("letter", "").upper()
    if letter and letter not in LETTERS[language]:
        raise Http404
    total = sum(count for _, count in letters)
    if not letter and total > PER_PAGE:
        letter = next((letter for letter, count in letters if count), "")
    count = dict(letters)[letter] if letter else total
    page = _page(request, range(count))
    _keep_only(request, page)
    first = (page.number - 1) * PER_PAGE
    entries = alphabet.entries(at=at, language=language, letter=letter, first=first, most=PER_PAGE)
    context = {
        "letters": letters,
        "letter": letter,
        "page": page,
        "groups": [(name, list(group)) for name, group in groupby(entries, key=attrgetter("letter"))],
        "total": total,
    }
    return render(request, "articles/a_to_z.html", context)


@public_page(query=("page",))
def kind(request, slug):
    at = moment_of(request)
    try:
        kind = Kind.from_slug(slug)
    except ValueError:
        raise Http404 from None
    depends_on(request, f"kind:{kind.value}")
    articles = Edition.objects.live(at=at).for_lists().filter(language=get_language(), kind=kind)
    topics = _topics(at, get_language()).filter(kind=kind)
    context = {"heading": kind.plural, "kind": kind, **_articles_and_topics(request, articles, topics)}
    return render(request, "articles/kind.html", context)


@public_page(query=("page",))
def tag(request, slug):
    at = moment_of(request)
    tag = get_object_or_404(Tag, slug=slug)
    if not tag.public:
        raise Http404  # nobody has given it a name in this language
    depends_on(request, f"tag:{tag.pk}")
    articles = Edition.objects.live(at=at).for_lists().filter(language=get_language(), tags=tag)
    topics = _topics(at, get_language()).filter(tags=tag)
    context = {
        "heading": _("Tagged “%(name)s”") % {"name": tag.public},
        "tag": tag,
        **_articles_and_topics(request, articles, topics),
    }
    if not context["articles"].paginator.count and not context["topics"].paginator.count:
        raise Http404  # a tag that only drafts carry is nobody's business yet
    return render(request, "articles/tag.html", context)


def _articles_and_topics(request, articles, topics) -> dict:
    """One page number turns both lists: whichever is longer has the last page."""
    lists = {"articles": _page(request, articles), "topics": _page(request, topics)}
    _keep_only(request, *lists.values())
    return lists


def _page(request, rows):
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def _keep_only(request, *pages) -> None:
    """The pages that a list has: behind its last there are as many addresses as numbers."""
    if request.GET.get("page", "1") not in {str(page.number) for page in pages}:
        not_kept(request)


def _in_other_languages(versions: list[translations.Version]) -> dict:
    return {"translations": versions, "alternates": translations.links(versions, settings.SITE_URL)}


def _topics(at, language):
    return Topic.objects.not_withdrawn(at=at).filter(language=language)


def _letters(at, language) -> list[tuple[str, int]]:
    counts = alphabet.letter_counts(at=at, language=language)
    return [(letter, counts[letter]) for letter in LETTERS[language]]
