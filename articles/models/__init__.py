"""The stored things, one module each. A model imports no view, no admin and no verb.

page.py holds what Article and Topic share. Article, Section, Reference and RelatedLink are the working copy, Revision is
what it was after each save. WorkflowStep is what was decided about a version, Edition what patients read, Withdrawal when
they can't; ScheduledAct is either of both at a later moment. Review and StatedReview are the ledgers beside it,
and a Policy says how long a page may go without one. A ReviewRequest asks for one out of the cycle, because of a
WithdrawnSource, of what a LinkCheck found or of a ReaderReport, among others. Absence, SavedFilter and CalendarFeed are people's own. A DeskPage is kept for one answer of the review desk.
Synonym, BestBet and SavedQuery belong to search, SearchEntry is its index.
AuditEntry says who did what; Stamp and Change say what changed for patients; Mail and Heartbeat belong to the jobs, and ImportedFile remembers where an article came from.
"""

from articles.models.absence import Absence
from articles.models.article import Article
from articles.models.audit_entry import AuditEntry
from articles.models.calendar_feed import CalendarFeed
from articles.models.change import Change, Stamp
from articles.models.desk_page import DeskPage
from articles.models.edition import Edition
from articles.models.heartbeat import Heartbeat
from articles.models.imported_file import ImportedFile
from articles.models.link_check import LinkCheck
from articles.models.mail import Mail
from articles.models.policy import Policy, RiskClass
from articles.models.profile import Profile
from articles.models.reader_report import ReaderReport
from articles.models.redirect import Redirect
from articles.models.reference import Reference
from articles.models.related_link import RelatedLink
from articles.models.review import Review
from articles.models.review_request import ReviewRequest
from articles.models.revision import Revision
from articles.models.saved_filter import SavedFilter
from articles.models.scheduled_act import ScheduledAct
from articles.models.search_entry import SearchDigest, SearchEntry, SearchStems, SearchWord
from articles.models.section import Section
from articles.models.stated_review import StatedReview
from articles.models.synonym import BestBet, SavedQuery, Synonym
from articles.models.tag import ArticleTag, Tag, TopicTag
from articles.models.topic import OtherName, Topic, TopicCode
from articles.models.withdrawal import Withdrawal
from articles.models.withdrawn_source import WithdrawnSource
from articles.models.workflow_step import WorkflowStep

__all__ = [
    "Absence",
    "Article",
    "ArticleTag",
    "AuditEntry",
    "BestBet",
    "CalendarFeed",
    "Change",
    "DeskPage",
    "Edition",
    "Heartbeat",
    "ImportedFile",
    "LinkCheck",
    "Mail",
    "OtherName",
    "Policy",
    "Profile",
    "ReaderReport",
    "Redirect",
    "Reference",
    "RelatedLink",
    "Review",
    "ReviewRequest",
    "Revision",
    "RiskClass",
    "SavedFilter",
    "SavedQuery",
    "ScheduledAct",
    "SearchDigest",
    "SearchEntry",
    "SearchStems",
    "SearchWord",
    "Section",
    "Stamp",
    "StatedReview",
    "Synonym",
    "Tag",
    "Topic",
    "TopicCode",
    "TopicTag",
    "Withdrawal",
    "WithdrawnSource",
    "WorkflowStep",
]
