"""An article in each state of the workflow, what a browser sends for each act, and all that the database holds."""

from datetime import timedelta

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles import workflow
from articles.models import Article, Edition
from articles.workflow import Act
from tests.builders import a_publisher, a_reviewer, an_article, sent, signed_and_published, signed_off, wrote
from tests.builders import scheduled as to_go_live

DRAFT, IN_REVIEW, CHANGES_ASKED, APPROVED = "draft", "in review", "changes asked", "approved"
SCHEDULED, LIVE, ENDING, WITHDRAWN, ARCHIVED = "scheduled", "live", "ending", "withdrawn", "archived"


def in_state(state: str, *, by: User | None = None) -> Article:
    """An article that `by` has written yesterday, the author unless it is given; all else was done by others."""
    at = timezone.now() - timedelta(days=1)
    article = wrote(an_article(f"Page {Article.objects.count() + 1}"), by=by, at=at)
    if state == IN_REVIEW:
        return sent(article, at=at)
    if state == CHANGES_ASKED:
        return _after(workflow.ask_changes, sent(article, at=at), by=a_reviewer(), at=at, note="Say how much.")
    if state == APPROVED:
        return signed_off(article, at=at)
    if state == SCHEDULED:
        return to_go_live(article, at + timedelta(days=8), at=at)
    if state == ARCHIVED:
        return _after(workflow.archive, article, by=a_publisher(), at=at, reason="Nobody needs it.")
    if state == DRAFT:
        return article
    live = signed_and_published(article, at=at)
    if state == ENDING:
        end = at + timedelta(days=8)
        return _after(workflow.set_end, live, by=a_publisher(), at=at, ends_at=end, reason="The campaign is over.")
    if state == WITHDRAWN:
        return _after(workflow.withdraw, live, by=a_publisher(), at=at, reason="The advice has changed.")
    return live


def without_sign_off(*, by: User | None = None) -> Edition:
    """The only edition of an article that `by` has written; a publisher published it in an emergency."""
    article = in_state(DRAFT, by=by)
    at = timezone.now() - timedelta(hours=1)
    reason = "The dose on the page was wrong."
    version, publisher = article.version, a_publisher()
    return workflow.publish_unsigned(article, version=version, by=publisher, at=at, change="major", reason=reason)


def _after(verb, article, **details) -> Article:
    verb(article, version=article.version, **details)
    return Article.objects.get(pk=article.pk)


def in_days(days: int) -> str:
    """A moment as a browser sends it."""
    return (timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


# From which state an act is done here, and what is sent for it besides the version.
ACTS = {
    Act.SUBMIT: (DRAFT, {}),
    Act.TAKE_BACK: (IN_REVIEW, {}),
    Act.ASK_CHANGES: (IN_REVIEW, {"note": "Say how much."}),
    Act.SIGN_OFF: (IN_REVIEW, {"attested": "on"}),
    Act.PUBLISH: (APPROVED, {"change": "major"}),
    Act.SCHEDULE: (APPROVED, {"change": "major", "live_at": in_days(7)}),
    Act.UNSCHEDULE: (SCHEDULED, {}),
    Act.PUBLISH_UNSIGNED: (DRAFT, {"change": "major", "reason": "The dose on the page is wrong."}),
    Act.WITHDRAW: (LIVE, {"reason": "The advice has changed."}),
    Act.BRING_BACK: (WITHDRAWN, {}),
    Act.SET_END: (LIVE, {"ends_at": in_days(7), "reason": "The campaign is over."}),
    Act.CALL_OFF_END: (ENDING, {}),
    Act.ARCHIVE: (DRAFT, {"reason": "Nobody needs it."}),
    Act.UNARCHIVE: (ARCHIVED, {}),
}


def sent_for(act: Act, article: Article, **changed) -> dict:
    """What a browser sends for an act on an article that was opened as it is now."""
    return {"version": article.version, **ACTS[act][1], **changed}


def page_of(act: str, page) -> str:
    """The address of an act: of an article, or of an edition."""
    return reverse(f"admin:articles_{page._meta.model_name}_{act.replace('-', '_')}", args=[page.pk])


def everything() -> dict[str, list[tuple]]:
    """All rows of all tables but those of the sessions: two snapshots are equal when nothing was written between."""
    models = [model._meta for model in apps.get_models(include_auto_created=True)]
    models = [model for model in models if model.managed and model.app_label != "sessions"]
    rows, quote = {}, connection.ops.quote_name
    with connection.cursor() as cursor:  # querysets would take ten times as long to make this SQL
        for table, key in ((model.db_table, model.pk.column) for model in models):
            cursor.execute(f"SELECT * FROM {quote(table)} ORDER BY {quote(key)}")
            rows[table] = cursor.fetchall()
    return rows
