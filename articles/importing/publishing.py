"""What an import may publish: a page that patients don't have yet. Everything else waits for a person in the admin."""

from datetime import datetime

from articles.models import Article
from articles.people import Person
from articles.publishing import content_of, newest_edition, publish


def publish_imported(article: Article, *, at: datetime, source: str) -> str:
    """Publish the first edition of an imported article, or the first one that is no sample; says what was done.

    A page that has an edition already keeps it: a changed file reaches patients only when somebody publishes it.
    """
    newest = newest_edition(article)
    if newest is not None and article.withdrawal(at=at):
        return "the page stays withdrawn: bring it back or publish the new text in the admin"
    if newest is None or (newest.is_sample and not article.is_sample):
        reason = f"Imported from {source}; nobody has signed it off here."[:300]
        edition = publish(article, at=at, by=Person(f"import of {source}"), bypass_reason=reason)
        return f"published as edition {edition.number}"
    if newest.content == content_of(article):
        return f"edition {newest.number} is published"
    return f"edition {newest.number} stays: publish the new text in the admin"
