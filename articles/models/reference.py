from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from articles.addresses import MAX_LENGTH, validate_address


class Reference(models.Model):
    """A source that an article cites. The text is printed as it stands; the other fields make it a link."""

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="references")
    position = models.PositiveIntegerField("order")
    text = models.TextField(help_text="Authors, title, journal or publisher, as it should be printed.")
    year = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[
            MinValueValidator(1500, "Write the year of publication with four digits."),
            MaxValueValidator(2200, "Write the year of publication with four digits."),
        ],
    )
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[
            RegexValidator(r"^10\.\d{4,9}/\S+\Z", "A DOI starts with 10. and a number, such as 10.1056/NEJMoa1000678.")
        ],
    )
    pmid = models.CharField(
        "PubMed id",
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^\d+\Z", "A PubMed id is a number, such as 20818875.")],
    )
    url = models.CharField("web address", max_length=MAX_LENGTH, blank=True, validators=[validate_address])
    accessed_on = models.DateField(
        "accessed on", null=True, blank=True, help_text="The day somebody last opened the web address."
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self):
        return self.text[:80]

    @property
    def address(self) -> str:
        """Where the source can be read: its DOI, else its PubMed record, else its web address, else nothing."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return self.url
