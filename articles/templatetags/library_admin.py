"""What the admin's own templates ask: what waits for somebody, and whether the schedule is carried out."""

from django import template
from django.db.models import Count
from django.utils import timezone

from articles.job_health import job_health
from articles.models import Article, Edition
from articles.workflow import PUBLISH, State, with_state

register = template.Library()


@register.inclusion_tag("admin/articles/_job.html")
def job_line() -> dict:
    """When the job ran last, and what is late or failed."""
    health = job_health(at=timezone.now())
    return {"health": health, "wrong": health.needs_somebody or health.is_silent}


@register.inclusion_tag("admin/articles/_job.html", takes_context=True)
def job_notice(context) -> dict:
    """The same for those who may publish, and only when somebody has to do something."""
    if not context["user"].has_perm(PUBLISH):
        return {}
    health = job_health(at=timezone.now())
    return {"health": health, "wrong": True, "is_notice": True} if health.needs_somebody else {}


@register.inclusion_tag("admin/articles/_work_list.html", takes_context=True)
def work_list(context) -> dict:
    """How many texts are on their way to patients, by state, and how many editions still need a sign-off."""
    if not context["user"].has_perm("articles.view_article"):
        return {}
    articles = with_state(Article.objects.order_by(), at=timezone.now())
    numbers = dict(articles.values_list("state").annotate(Count("pk")))
    on_the_way = [State.DRAFT, State.CHANGES_ASKED, State.IN_REVIEW, State.APPROVED, State.SCHEDULED]
    states = [(state, numbers[state]) for state in on_the_way if numbers.get(state)]
    return {"states": states, "unsigned": Edition.objects.awaiting_sign_off().count(), "is_shown": True}
