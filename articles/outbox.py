"""Sending the mails that wait. A mail is claimed before it is handed over, so it is never sent twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import EmailMessage, get_connection
from django.db.models import Q

from articles.models import Mail
from articles.running import Outcome

# After how long each try of a mail that the server refuses is made; the first one at once. Then it is given up.
TRIES = [timedelta(0), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8)]
IN_DOUBT_AFTER = timedelta(minutes=15)  # since it was claimed; handing a mail over takes seconds

IS_BEING_SENT = "Is being sent"
WAITS = Q(sent_at=None, claimed_at=None)
CLAIMED = Q(sent_at=None, claimed_at__isnull=False)
SENT = Q(sent_at__isnull=False)


def send_waiting(*, at: datetime) -> Iterator[Outcome]:
    """Sends what waits, the oldest first, and yields after each; whoever stops asking stops the run.

    One that the server refuses is tried again by later runs, five times in all. When nobody can know whether a mail
    arrived, because the connection broke or the run was killed, it stays claimed: staff see it, nothing repeats it.
    """
    waiting = Mail.objects.filter(WAITS).order_by("made_at", "pk").values_list("pk", "made_at", "error")
    ready = [pk for pk, made_at, error in waiting if made_at + TRIES[_tries(error)] <= at]
    connection = get_connection()
    try:
        for done, pk in enumerate(ready):
            try:
                connection.open()
            except OSError as error:
                yield Outcome(f"The mail server does not answer ({error}), so {len(ready) - done} wait.", failed=True)
                return
            if Mail.objects.filter(WAITS, pk=pk).update(claimed_at=at):
                yield _send(Mail.objects.get(pk=pk), connection, at=at)
    finally:
        connection.close()


def _send(mail: Mail, connection, *, at: datetime) -> Outcome:
    headers = {"Auto-Submitted": "auto-generated"}  # so that no machine answers (RFC 3834)
    message = EmailMessage(mail.subject, mail.text, to=[mail.to], headers=headers, connection=connection)
    try:
        message.send()
    except Exception as error:
        connection.close()
        refused = isinstance(error, SMTPResponseException | SMTPRecipientsRefused)
        mail.error = "\n".join(filter(None, [mail.error, " ".join(str(error).split()) or type(error).__name__]))
        if refused and _tries(mail.error) < len(TRIES):
            mail.claimed_at = None
        mail.save(update_fields=["error", "claimed_at"])
        return Outcome(f"“{mail.subject}” to {mail.to}: {state_in_words(mail, at=at)}", failed=True)
    mail.sent_at = at
    mail.save(update_fields=["sent_at"])
    return Outcome(f"“{mail.subject}” is sent to {mail.to}")


def _tries(error: str) -> int:
    """Each try that failed left one line."""
    return len(error.splitlines())


def state_in_words(mail: Mail, *, at: datetime) -> str:
    """ "Sent", "Waits", "Refused, and tried again: 451 come later", "May not have arrived"."""
    last = mail.error.splitlines()[-1:] or [""]
    why = f": {last[0]}" if last[0] else ""
    if mail.sent_at:
        return "Sent"
    if mail.claimed_at is None:
        return f"Refused, and tried again{why}" if why else "Waits"
    if _tries(mail.error) >= len(TRIES):
        return f"Given up after {len(TRIES)} tries{why}"
    if not why and at - mail.claimed_at <= IN_DOUBT_AFTER:
        return IS_BEING_SENT
    return f"May not have arrived{why}"
