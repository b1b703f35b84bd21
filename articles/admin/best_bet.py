"""Best bets: the page that editors want first for words."""

from django import forms
from django.contrib import admin

from articles.admin.synonym import LANGUAGES, SearchWordsAdmin
from articles.models import BestBet

OTHER_LANGUAGE = (
    "This page is in {page} and the words are {words}: nobody who searches in {words} finds it. Choose a page in {words}, or "
    "{page} as the language of the words."
)


class OnePageForm(forms.ModelForm):
    def clean(self):
        """Results are pages of the language in which somebody searches."""
        cleaned, names = super().clean(), dict(LANGUAGES)
        language = cleaned.get("language")
        for name in ("topic", "article"):
            page = cleaned.get(name)
            if page and language and page.language != language:
                self.add_error(name, OTHER_LANGUAGE.format(page=names[page.language], words=names[language]))
        return cleaned


class OnePageAdmin(SearchWordsAdmin):
    """Lists of words and a page that is either a topic or an article; that it is one of them, the model asks."""

    form = OnePageForm
    list_select_related = ["topic", "article"]

    @admin.display(description="page")
    def page(self, obj):
        return f"{obj.topic} (topic)" if obj.topic else f"{obj.article} (article)"


@admin.register(BestBet)
class BestBetAdmin(OnePageAdmin):
    list_display = ["words", "page", "for_queries", "language"]
    list_filter = ["language", "is_negated"]
    search_fields = ["words", "topic__title", "article__title"]
    search_help_text = "Part of the words or of the title of the page."
    fields = ["words", ("is_exact", "is_negated"), "topic", "article", "language"]
