"""What is checked about a page: each module looks at one side of it and returns findings, in words for clinicians.

Pure functions over the content of an edition, or of a working copy (`articles.publishing.content_of`): no database and
no clock. What only the ledgers know is handed in; articles/page_health.py reads it. The codes (G1, S2, L5 …) are those of
our list of quality criteria, which draws on the NHS content style guide, the CDC Clear Communication Index (CCI),
AHRQ's PEMAT and the Patient Information Forum.

No finding stops anybody: publishing has its own, fewer rules (`articles.publishing.publishing_problems`).
"""

from articles.checks.finding import Finding, Severity, in_groups
from articles.checks.governance import check_evidence
from articles.checks.language import check_language
from articles.checks.structure import check_structure

__all__ = ["Finding", "Severity", "check_text", "in_groups"]


def check_text(content: dict, *, language: str = "en") -> list[Finding]:
    """All that the text alone can tell: what an editor and a second clinician can look at before the page has any
    history."""
    return [*check_structure(content), *check_evidence(content), *check_language(content, language=language)]
