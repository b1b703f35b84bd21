"""When a job ran last: without it nobody notices that nobody starts it any more."""

from django.db import models


class Heartbeat(models.Model):
    job = models.CharField(max_length=40, unique=True)  # the name of the command
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # before started_at: it is running, or was stopped

    def __str__(self):
        return f"{self.job}, {self.started_at:%Y-%m-%d %H:%M}"
