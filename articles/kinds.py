"""The kinds that articles and topics are filed under, in the order in which a page lists them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    CONDITION = "condition", _("Condition")
    TEST = "test", _("Test or procedure")
    TREATMENT = "treatment", _("Treatment")
    IN_DEPTH = "in_depth", _("In-depth")
    EXPERT_ANSWER = "expert_answer", _("Expert answer")
    VIDEO = "video", _("Video")
    INFOGRAPHIC = "infographic", _("Infographic")
    STORY = "story", _("Personal story")
    INTERVIEW = "interview", _("Interview")
    TOOL = "tool", _("Tool")
    SUPPORT = "support", _("Support")

    @property
    def plural(self) -> str:
        """The heading of a list, and what stands after "See more", in the active language."""
        return str(PLURALS.get(self, self.label))

    @property
    def slug(self) -> str:
        """The kind in an address: `in_depth` is /kinds/in-depth/."""
        return self.value.replace("_", "-")

    @classmethod
    def from_slug(cls, slug: str) -> "Kind":
        """Raises ValueError when no kind has this slug."""
        return cls(slug.replace("-", "_"))

    @classmethod
    def from_words(cls, words: str) -> "Kind | None":
        """The kind that a page names as "In-depth", "tests and procedures", "Videos" or "expert_answer"."""
        wanted = words.strip().casefold().replace("-", " ").replace("_", " ")
        for kind in cls:
            spellings = {kind.value.replace("_", " "), str(kind.label).casefold(), kind.plural.casefold()}
            if wanted in {spelling.replace("-", " ") for spelling in spellings}:
                return kind
        return None


PLURALS = {
    Kind.CONDITION: _("Conditions"),
    Kind.TEST: _("Tests and procedures"),
    Kind.TREATMENT: _("Treatments"),
    Kind.EXPERT_ANSWER: _("Expert answers"),
    Kind.VIDEO: _("Videos"),
    Kind.INFOGRAPHIC: _("Infographics"),
    Kind.STORY: _("Personal stories"),
    Kind.INTERVIEW: _("Interviews"),
    Kind.TOOL: _("Tools"),
}
