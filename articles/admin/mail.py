"""The mails to staff and what became of them. To look at only."""

from django.conf import settings
from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html

from articles import job_health, outbox
from articles.admin.filters import YesNoFilter
from articles.admin.ledger import ReadOnlyAdmin
from articles.models import Mail
from articles.reminders import digest


class MailFilter(YesNoFilter):
    title = "state"
    parameter_name = "state"
    answers = {
        "waits": ("Waits", outbox.WAITS),
        "doubtful": ("Did not arrive, or may not have", outbox.CLAIMED),
        "sent": ("Sent", outbox.SENT),
    }


class ReminderFilter(YesNoFilter):
    """The delivery log of the reminders (articles/reminders/digest.py)."""

    title = "review reminder"
    parameter_name = "reminder"
    answers = {"yes": ("Yes", digest.REMINDERS), "no": ("No", Q(key=None) | ~digest.REMINDERS)}


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["made_at", "to", "subject", "state_in_words"]
    list_display_links = ["subject"]
    list_filter = [MailFilter, ReminderFilter]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "made_at"
    search_fields = ["to", "subject"]
    search_help_text = "Part of the address, or words of the subject."
    fields = [("made_at", "sent_at"), "to", "subject", "state_in_words", "text_as_sent"]

    def get_queryset(self, request):
        """The list doesn't need the text, which can be long."""
        rows = super().get_queryset(request)
        return rows if request.resolver_match.kwargs.get("object_id") else rows.defer("text")

    def changelist_view(self, request, extra_context=None):
        context = {
            "title": "Mails",
            "is_set_up": bool(settings.EMAIL_HOST),
            "reminders": job_health.reminders_in_words(at=timezone.now()),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    @admin.display(description="state")
    def state_in_words(self, mail):
        said = outbox.state_in_words(mail, at=timezone.now())
        in_order = mail.sent_at or (mail.claimed_at is None and not mail.error) or said == outbox.IS_BEING_SENT
        return said if in_order else format_html('<strong class="went-wrong">{}</strong>', said)

    @admin.display(description="text")
    def text_as_sent(self, mail):
        return format_html('<pre class="mail-text">{}</pre>', mail.text)
