"""What changed for patients, in the order of the commits. Triggers of the database write it; nothing else does.

The triggers stand in articles/migrations/_changes.py, articles/changes.py reads what they wrote.
"""

from django.db import models


class Stamp(models.Model):
    """One row, which moves with every change. `mark` is random: a number with another mark belongs to another past, such as
    that of a database which was restored from a backup."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    mark = models.CharField(max_length=32)

    def __str__(self):
        return f"{self.number} ({self.mark})"


class Change(models.Model):
    """A thing that changed, and the stamp that its transaction has moved to. On PostgreSQL the number comes with the commit,
    so that none appears behind a later one."""

    number = models.BigIntegerField(null=True)
    mark = models.CharField(max_length=32, default="")
    key = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["number"], name="change_in_order", condition=models.Q(number__isnull=False)),
            models.Index(fields=["key"], name="change_to_be_numbered", condition=models.Q(number__isnull=True)),
        ]

    def __str__(self):
        return f"{self.key}, change {self.number}"
