from django.db import models


class ImportedFile(models.Model):
    """The file that an article was last imported from. It tells an import whether the file has changed since, and
    whether an editor has: their text is never overwritten unasked."""

    article = models.OneToOneField("articles.Article", on_delete=models.CASCADE, related_name="imported_file")
    name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=64)  # SHA-256 of the lines and of the kinds given for them
    content_digest = models.CharField(max_length=64)  # SHA-256 of the working copy as the import left it
    imported_at = models.DateTimeField()

    def __str__(self):
        return self.name
