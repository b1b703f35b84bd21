"""The kinds that articles and topics are filed under, in the order in which a page lists them."""

from django.db import models


class Kind(models.TextChoices):
    CONDITION = "condition", "Condition"
    TEST = "test", "Test or procedure"
    TREATMENT = "treatment", "Treatment"
    IN_DEPTH = "in_depth", "In-depth"
    EXPERT_ANSWER = "expert_answer", "Expert answer"
    VIDEO = "video", "Video"
    INFOGRAPHIC = "infographic", "Infographic"
    STORY = "story", "Personal story"
    INTERVIEW = "interview", "Interview"
    TOOL = "tool", "Tool"
    SUPPORT = "support", "Support"

    @property
    def plural(self) -> str:
        """The heading of a list, and what stands after "See more"."""
        return PLURALS.get(self, self.label)

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
            spellings = {kind.value.replace("_", " "), kind.label.casefold(), kind.plural.casefold()}
            if wanted in {spelling.replace("-", " ") for spelling in spellings}:
                return kind
        return None


PLURALS = {
    Kind.CONDITION: "Conditions",
    Kind.TEST: "Tests and procedures",
    Kind.TREATMENT: "Treatments",
    Kind.EXPERT_ANSWER: "Expert answers",
    Kind.VIDEO: "Videos",
    Kind.INFOGRAPHIC: "Infographics",
    Kind.STORY: "Personal stories",
    Kind.INTERVIEW: "Interviews",
    Kind.TOOL: "Tools",
}
