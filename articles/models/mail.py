"""Mails that are waiting to be sent, and what became of them."""

from django.db import models


class Mail(models.Model):
    """Written in the transaction of the act that it tells of, and sent by `manage.py run_due`.

    It is claimed before it is handed over, so it is never sent twice. One that was claimed and never marked as sent
    belongs to a run that was stopped in between: staff see that it may not have arrived.
    """

    to = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    made_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField("what went wrong", blank=True)
    # Names a mail that may be written only once, such as “review-digest:12:2026-11-23”; None for all others.
    key = models.CharField(max_length=100, null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["made_at"], condition=models.Q(claimed_at=None), name="mail_not_claimed")]

    def __str__(self):
        return f"{self.subject} ({self.to})"
