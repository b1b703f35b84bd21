"""The stored things, one module each. A model imports no view, no admin and no verb.

page.py holds what Article and Topic share. Article, Section, Reference and RelatedLink are the working copy, Revision is what it was after each save;
Edition is what patients read; Review is the ledger beside it, AuditEntry
says who did what; ImportedFile remembers where an article came from.
"""

from articles.models.article import Article
from articles.models.audit_entry import AuditEntry
from articles.models.edition import Edition
from articles.models.imported_file import ImportedFile
from articles.models.redirect import Redirect
from articles.models.reference import Reference
from articles.models.related_link import RelatedLink
from articles.models.review import Review
from articles.models.revision import Revision
from articles.models.section import Section
from articles.models.tag import ArticleTag, Tag, TopicTag
from articles.models.topic import OtherName, Topic, TopicCode

__all__ = [
    "Article",
    "ArticleTag",
    "AuditEntry",
    "Edition",
    "ImportedFile",
    "OtherName",
    "Redirect",
    "Reference",
    "RelatedLink",
    "Review",
    "Revision",
    "Section",
    "Tag",
    "Topic",
    "TopicCode",
    "TopicTag",
]
