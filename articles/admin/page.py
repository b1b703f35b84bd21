"""What the forms of articles and topics share."""

from django import forms

from articles.admin.tag import TagsField


class OneParagraph(forms.CharField):
    """Room for a long sentence, on as many lines as it needs; stored as one."""

    widget = forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


def originals_for(request, queryset):
    """What the field “translation of” offers: pages that are no translations themselves."""
    is_asked = request.GET.get("field_name") == "translation_of"
    return queryset.filter(translation_of=None) if is_asked else queryset


class PageForm(forms.ModelForm):
    tags = TagsField()

    def clean(self):
        """An empty address is made from the title, before anybody complains that there is none. Tags and topics that
        were left as they are, are not stored again: that would read each of them."""
        cleaned = super().clean()
        self.instance.language = cleaned.get("language", self.instance.language)
        if cleaned.get("title") and not cleaned.get("slug") and "slug" not in self.errors:
            self.instance.title = cleaned["title"]
            cleaned["slug"] = self.instance.free_slug()
        for name in {"tags", "about"} - set(self.changed_data):
            cleaned.pop(name, None)
        return cleaned
