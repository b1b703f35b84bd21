"""Tags: the field in which an editor writes them, and the list in which they are renamed."""

import taggit.admin  # noqa: F401  (registers taggit's own tags, which this library doesn't use)
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.html import format_html
from taggit.models import Tag as UnusedTag
from taggit.utils import parse_tags

from articles.admin.robust import RobustAdmin
from articles.models import Tag
from articles.slugs import ascii_slug

admin.site.unregister(UnusedTag)

MAX_TAG = 100


def tag_problem(name: str) -> str:
    if len(name) > MAX_TAG:
        return f"The tag “{name[:30]}…” has {len(name)} characters; at most {MAX_TAG} fit."
    if not ascii_slug(name, fallback=""):
        return f"The tag “{name}” needs a letter from a to z or a digit, because the address of its page is made of it."
    return ""


class TagsField(forms.CharField):
    """Tags with commas between them; a tag may be several words."""

    def __init__(self, **kwargs):
        defaults = {
            "required": False,
            "help_text": "With commas between them: breast cancer, nausea.",
            "widget": forms.TextInput(attrs={"class": "vTextField"}),
        }
        super().__init__(**{**defaults, **kwargs})

    def prepare_value(self, value):
        if isinstance(value, str) or value is None:
            return value
        return ", ".join(f'"{tag.name}"' if "," in tag.name else tag.name for tag in value)

    def clean(self, value):
        names = parse_tags(super().clean(value) + ",")  # the comma: taggit parts a text without one at its spaces
        if problems := [problem for name in names if (problem := tag_problem(name))]:
            raise ValidationError(problems)
        return names

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial or []), data)


class TagForm(forms.ModelForm):
    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if problem := tag_problem(name):
            raise ValidationError(problem)
        if Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError("There is a tag of this name already.")
        return name


@admin.register(Tag)
class TagAdmin(RobustAdmin, admin.ModelAdmin):
    form = TagForm
    list_display = ["name", "name_es", "articles", "topics"]
    search_fields = ["name", "name_es"]
    ordering = ["name"]
    fields = ["name", "name_es", "slug"]
    readonly_fields = ["slug"]  # the tag's page stays where it is when the tag is renamed

    def get_queryset(self, request):
        counts = {
            "article_count": Count("article_tags", distinct=True),
            "topic_count": Count("topic_tags", distinct=True),
        }
        return super().get_queryset(request).annotate(**counts)

    def has_delete_permission(self, request, obj=None):
        """A tag that an edition names stays, for the page of that edition leads to it."""
        return super().has_delete_permission(request, obj) and obj is not None and not obj.editions.exists()

    @admin.display(ordering="article_count")
    def articles(self, tag):
        return format_html('<a href="../article/?tag={}">{}</a>', tag.slug, tag.article_count)

    @admin.display(ordering="topic_count")
    def topics(self, tag):
        return format_html('<a href="../topic/?tag={}">{}</a>', tag.slug, tag.topic_count)
