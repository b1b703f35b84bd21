"""Finding what a see-also list can point at: while an editor types, and for a whole list of titles."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, OuterRef, Prefetch, Q, When
from django.db.models.functions import Lower
from django.http import Http404, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from articles import languages
from articles.admin.robust import searchable
from articles.kinds import Kind
from articles.models import Article, Edition, OtherName, Topic
from articles.sorting import same_title, sort_key

MAX_RESULTS = 20
MAX_TITLES = 1_000


def topics(*, at: datetime):
    return Topic.objects.only("title", "language", "slug", "kind", "sort_key").with_is_withdrawn(at=at)


def articles(*, at: datetime):
    published = Edition.objects.not_cancelled().filter(article=OuterRef("pk"), published_at__lte=at)
    found = Article.objects.only("title", "language", "slug", "kind").with_is_withdrawn(at=at)
    return found.annotate(is_published=Exists(published))


def other_names(*, at: datetime):
    return OtherName.objects.prefetch_related(Prefetch("topic", topics(at=at)))


def entry(page: Topic | Article, *, other_name: str = "") -> dict:
    """A page from `topics()` or `articles()` as the see-also list shows it. `note` says why patients don't see the link;
    empty when they do."""
    note = ""
    if page.is_withdrawn:
        note = "withdrawn: patients don’t see it"
    elif isinstance(page, Article) and not page.is_published:
        note = "not published: patients don’t see it"
    described = {
        page._meta.model_name: page.pk,
        "slug": page.short_address,
        "title": page.title,
        "kind": _kind(page),
        "note": note,
    }
    return {**described, "other_name": other_name} if other_name else described


def _kind(page: Topic | Article) -> str:
    said = str(Kind(page.kind).label)
    if page.language != languages.DEFAULT:
        said += f", {page.get_language_display()}"
    return said + (" (article)" if isinstance(page, Article) else "")


def find(term: str, *, language: str, at: datetime) -> list[dict]:
    """At most 20 topics and articles of a language whose title or other name holds the term; those that start with it
    first."""
    term = searchable(term)
    if not term:
        return []
    key = sort_key(term, language)

    def matching(rows, name, *, sorted_by):
        holds, starts = Q(**{f"{name}__icontains": term}), Q(**{f"{name}__istartswith": term})
        if key and sorted_by == "sort_key":  # there accents and case are gone already
            holds, starts = holds | Q(sort_key__contains=key), starts | Q(sort_key__startswith=key)
        return rows.filter(holds).order_by(Case(When(starts, then=0), default=1), sorted_by, "pk")[:MAX_RESULTS]

    of_language = topics(at=at).filter(language=language)
    found = [(topic.title, topic, "") for topic in matching(of_language, "title", sorted_by="sort_key")]
    of_language = articles(at=at).filter(language=language)
    found += [(page.title, page, "") for page in matching(of_language, "title", sorted_by="title")]
    titles = {topic for _, topic, _ in found}
    of_language = other_names(at=at).filter(topic__language=language)
    names = matching(of_language, "name", sorted_by="sort_key")
    found += [(other.name, other.topic, other.name) for other in names if other.topic not in titles]
    # A stable sort: inside both groups the order of the three queries stays.
    found.sort(key=lambda match: not sort_key(match[0], language).startswith(key))
    return [entry(page, other_name=other_name) for _, page, other_name in found[:MAX_RESULTS]]


def resolve(titles: list[str], *, language: str, at: datetime) -> dict[str, list[dict]]:
    """For each title the pages of a language that are called exactly so, whatever the case; other names count where no
    title fits."""
    wanted = {same_title(title): [] for title in titles}
    keys = {sort_key(title, language) for title in titles}
    for topic in topics(at=at).filter(language=language, sort_key__in=keys):
        wanted.get(same_title(topic.title), []).append(topic)
    # SQLite lowers ASCII letters only, so a title with É is also asked for as it was typed.
    spellings = {spelling for title in titles for spelling in (same_title(title), " ".join(title.split()))}
    lowered = articles(at=at).filter(language=language).annotate(lowered=Lower("title"))
    for page in lowered.filter(Q(lowered__in=spellings) | Q(title__in=spellings)):
        wanted.get(same_title(page.title), []).append(page)
    if not all(wanted.values()):
        for other in other_names(at=at).filter(topic__language=language, sort_key__in=keys):
            pages = wanted.get(same_title(other.name))
            if pages is not None and not any(same_title(page.title) == same_title(other.name) for page in pages):
                pages.append(other.topic)
    return {title: [entry(page) for page in wanted[same_title(title)]] for title in titles}


class LookupViews:
    """The two addresses that the see-also list asks; for those who may write articles."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("lookup/<slug:language>/", view(require_GET(self.lookup_view)), name="articles_article_lookup"),
            path(
                "lookup/<slug:language>/titles/",
                view(require_POST(self.titles_view)),
                name="articles_article_lookup_titles",
            ),
            *super().get_urls(),
        ]

    def lookup_view(self, request, language):
        self._writers_only(request, language)
        return JsonResponse({"results": find(request.GET.get("q", ""), language=language, at=timezone.now())})

    def titles_view(self, request, language):
        """Each line with the pages of that title: one is found, none is unknown, several leave a choice."""
        self._writers_only(request, language)
        lines = [searchable(line) for line in request.POST.get("titles", "").splitlines()]
        lines = [line for line in lines if line][:MAX_TITLES]
        pages = resolve(lines, language=language, at=timezone.now())
        return JsonResponse({"rows": [{"text": line, "choices": pages[line]} for line in lines]})

    def _writers_only(self, request, language):
        if language not in dict(languages.choices()):
            raise Http404
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
