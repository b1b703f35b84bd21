"""Rows that are written once. Editions and reviews are evidence: nothing in the product changes or deletes them.

The database refuses as well (migration 0002): these guards only say so sooner and in plain words.
"""

from django.db import models

REFUSAL = "{} are written once: they can be added, never changed or deleted."


class LedgerError(TypeError):
    """Somebody tried to rewrite evidence."""


class LedgerQuerySet(models.QuerySet):
    def _refuse(self, *args, **kwargs):
        raise LedgerError(REFUSAL.format(self.model._meta.verbose_name_plural.capitalize()))

    update = delete = bulk_update = _refuse
    update.alters_data = delete.alters_data = True


class LedgerRow(models.Model):
    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise LedgerError(REFUSAL.format(self._meta.verbose_name_plural.capitalize()))
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args, **kwargs):
        raise LedgerError(REFUSAL.format(self._meta.verbose_name_plural.capitalize()))
