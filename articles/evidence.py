"""Everything that the library can prove about one article, in one signed file for an inspector."""

import json
from datetime import date, datetime

from django.core.signing import BadSignature, Signer

from articles.comparing.comparison import compare
from articles.comparing.plain_text import plain_lines
from articles.models import Article, AuditEntry, Edition, Review, ReviewRequest, StatedReview, WorkflowStep

FORM = 4  # of the file; raise it when the keys below change
_signer = Signer(salt="articles.evidence")


class NotGenuine(ValueError):
    """The file was not written by this library, or was changed afterwards."""


def evidence_of(article: Article, *, at: datetime) -> dict:
    """The editions with what changed from each to the next, the steps of the workflow with their sign-offs, the times in
    which the page was withdrawn, the reviews, what its source stated of earlier ones, the requests for a review out of the
    cycle, and the audit trail, oldest first. Sources stand in each edition."""
    editions = list(
        article.editions.select_related("sign_off", "signed_off_afterwards", "scheduled_act").order_by("number")
    )
    return {
        "form": FORM,
        "made_at": at.isoformat(),
        "article": {
            "id": article.pk,
            "address": article.get_absolute_url(),
            "title": article.title,
            "language": article.language,
            "translation_of": article.translation_of and article.translation_of.get_absolute_url(),
        },
        "editions": [_edition(edition, _before(edition, editions)) for edition in editions],
        "workflow": [_step(step) for step in article.steps.select_related("edition").order_by("id")],
        "withdrawals": [
            {"from": _moment(row.from_at), "until": _moment(row.until_at), "reason": row.reason}
            for row in article.withdrawals.order_by("from_at", "id")
        ],
        "reviews": [
            _review(review)
            for review in article.reviews.select_related("edition", "supersedes").order_by("reviewed_on", "id")
        ],
        "dates_stated_by_the_source": [_stated(stated) for stated in article.stated_reviews.order_by("id")],
        "requests_for_a_review": [
            _request(request) for request in article.review_requests.select_related("review").order_by("id")
        ],
        "audit_trail": [
            _entry(entry)
            for entry in AuditEntry.objects.filter(page_kind="article", page_id=article.pk).order_by("at", "id")
        ],
    }


def _day(day: date | None) -> str | None:
    return day and day.isoformat()


def _moment(moment: datetime | None) -> str | None:
    return moment and moment.isoformat()


def _step(step: WorkflowStep) -> dict:
    return {
        "at": step.at.isoformat(),
        "by": step.by,
        "action": step.action,
        "version": step.version,
        "edition": step.edition and step.edition.number,
        "profession": step.profession,
        "registration_number": step.registration_number,
        "note": step.note,
    }


def _review(review: Review) -> dict:
    return {
        "edition": review.edition.number,
        "reviewed_on": review.reviewed_on.isoformat(),
        "reviewer": review.reviewer_name,
        "role": review.reviewer_role,
        "credential": review.reviewer_credential,
        "outcome": review.outcome,
        "evidence": review.evidence,
        "note": review.note,
        "scope": review.scope,
        "parts": [part["name"] for part in review.parts],
        "why_now": review.trigger,
        "corrects_the_review_of": review.supersedes and review.supersedes.reviewed_on.isoformat(),
        "next_review_on": _day(review.next_review_on),
        "recorded_at": review.recorded_at.isoformat(),
        "recorded_by": review.recorded_by,
    }


def _stated(stated: StatedReview) -> dict:
    return {
        "reviewed_on": _day(stated.reviewed_on),
        "next_review_on": _day(stated.next_review_on),
        "source": stated.source,
        "imported_at": stated.imported_at.isoformat(),
    }


def _request(request: ReviewRequest) -> dict:
    return {
        "because": request.cause,
        "what_happened": request.about,
        "asked_on": request.opened_on.isoformat(),
        "asked_by": request.opened_by,
        "wanted_by": request.due_on.isoformat(),
        "closed_at": _moment(request.closed_at),
        "closed_by": request.closed_by,
        "closed_without_a_review_because": request.closed_because or None,
        "answered_by_the_review_of": request.review and request.review.reviewed_on.isoformat(),
    }


def _entry(entry: AuditEntry) -> dict:
    return {
        "at": entry.at.isoformat(),
        "by": entry.by,
        "action": entry.action,
        "summary": entry.summary,
        "reason": entry.reason,
        "changes": entry.changes,
        "request": entry.request_id,
    }


def _before(edition: Edition, editions: list[Edition]) -> Edition | None:
    """The edition whose place this one took or was to take: the newest before it that was not called off."""
    stood = [other for other in editions if other.number < edition.number and not _called_off_at(other)]
    return stood[-1] if stood else None


def _called_off_at(edition: Edition) -> datetime | None:
    scheduled = getattr(edition, "scheduled_act", None)
    return scheduled and scheduled.cancelled_at


def _edition(edition: Edition, before: Edition | None) -> dict:
    comparison = compare(before.content, edition.content) if before else None
    signed_off = edition.sign_off or getattr(edition, "signed_off_afterwards", None)
    scheduled = getattr(edition, "scheduled_act", None)
    return {
        "number": edition.number,
        "version": edition.version,
        "language": edition.language,
        "published_at": edition.published_at.isoformat(),
        "scheduled_at": scheduled and scheduled.made_at.isoformat(),
        "called_off_before_anybody_read_it_at": _moment(_called_off_at(edition)),
        "published_by": edition.published_by,
        "signed_off": signed_off and _step(signed_off),
        "published_without_a_sign_off_because": edition.bypass_reason or None,
        "change": edition.change,
        "note": edition.note,
        "date_published": edition.published_on.isoformat(),
        "date_published_is_stated_by_source": edition.published_on_is_stated,
        "date_updated": edition.updated_on.isoformat() if edition.updated_on else None,
        "is_sample": edition.is_sample,
        "changed_since_the_edition_before": comparison.summary if comparison is not None else None,
        "comparison_with_the_edition_before": plain_lines(comparison) if comparison is not None else [],
        "content": edition.content,
    }


def signed(evidence: dict) -> str:
    """The file: readable JSON whose last key is the signature of all the rest, made with the library's secret key."""
    return json.dumps({**evidence, "signature": _signature(evidence)}, ensure_ascii=False, indent=1) + "\n"


def read_signed(text: str) -> dict:
    """The evidence in a file. Raises NotGenuine, with the reason, when one character of it is not as it was written."""
    try:
        file = json.loads(text)
        signature = file.pop("signature")
        _signer.unsign(f"{_canonical(file)}:{signature}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotGenuine("The file is no evidence of this library: it holds no JSON with a signature.") from error
    except BadSignature as error:
        raise NotGenuine("The file was changed after it was written, or another library wrote it.") from error
    return file


def _signature(evidence: dict) -> str:
    return _signer.sign(_canonical(evidence)).rpartition(":")[2]


def _canonical(evidence: dict) -> str:
    return json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
