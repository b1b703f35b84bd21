"""Best bets: the page that editors want first for words."""

from django.contrib import admin

from articles.admin.synonym import SearchWordsAdmin
from articles.models import BestBet


class OnePageAdmin(SearchWordsAdmin):
    """Lists of words and a page that is either a topic or an article; that it is one of them, the model asks."""

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
