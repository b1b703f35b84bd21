"""Sources that were retracted, replaced or taken back by whoever published them."""

from django.db import models
from django.db.models import Q

from articles.addresses import MAX_LENGTH, validate_address
from articles.models.reference import Reference

DOI, PMID = Reference._meta.get_field("doi"), Reference._meta.get_field("pmid")


class WithdrawnSource(models.Model):
    """Named as references name it: by DOI, PubMed id or web address; one of them is enough. Each page that cites it is
    asked to be reviewed."""

    doi = models.CharField("DOI", max_length=DOI.max_length, blank=True, validators=DOI.validators)
    pmid = models.CharField("PubMed id", max_length=PMID.max_length, blank=True, validators=PMID.validators)
    url = models.CharField("web address", max_length=MAX_LENGTH, blank=True, validators=[validate_address])
    what_happened = models.CharField(max_length=300, help_text="Such as “Retracted by the journal: wrong doses”.")
    withdrawn_on = models.DateField("withdrawn on", help_text="The day on which its publisher withdrew it.")
    recorded_at = models.DateTimeField(editable=False)
    recorded_by = models.CharField(max_length=200, editable=False)

    class Meta:
        default_permissions = ()
        ordering = ["-withdrawn_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="withdrawn_source_is_named",
                condition=~Q(doi="", pmid="", url=""),
                violation_error_message="Name the source by its DOI, its PubMed id or its web address.",
            ),
            *(
                models.UniqueConstraint(
                    fields=[field],
                    condition=~Q(**{field: ""}),
                    name=f"withdrawn_source_once_by_{field}",
                    violation_error_message="This source is on the list of withdrawn ones already.",
                )
                for field in ("doi", "pmid", "url")
            ),
        ]

    def __str__(self):
        return self.doi or (f"PubMed {self.pmid}" if self.pmid else self.url)
