"""Synonyms: words that patients write, and what the pages say. What a form about the words of search asks is here too."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from articles.admin.for_topic_keepers import ForTopicKeepers
from articles.admin.robust import RobustAdmin
from articles.admin.typed_text import TypedText
from articles.models import Synonym
from articles.models.synonym import MAX_KEY
from articles.plain_words import key_of

LANGUAGES = [("en", "English"), ("es", "Spanish")]
NO_WORD = "Write at least one letter or digit: search looks for nothing else."
KNOWN = (
    "These words have this meaning already, written “{words}” and “{meaning}”. Change that synonym instead of this one."
)
OF_ITSELF = "These words mean themselves. Write what the pages say instead."
TOO_LONG = f"Written out in plain letters this has more than {MAX_KEY} characters. Shorten it."


class Words(TypedText):
    """Words that search can find again."""

    default_error_messages = {"required": NO_WORD}

    def validate(self, value):
        super().validate(value)
        key = key_of(value)  # by which search finds them
        if value and not key:
            raise ValidationError(NO_WORD)
        if len(key) > MAX_KEY:  # it can be longer than the words: a ligature is two letters
            raise ValidationError(TOO_LONG)


class SearchWordsAdmin(ForTopicKeepers, RobustAdmin, admin.ModelAdmin):
    """The fields that synonyms, best bets and saved queries share."""

    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    text_fields = ["words"]  # typed by people, asked to hold a word

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name in self.text_fields:
            kwargs |= {"form_class": Words, "widget": forms.TextInput(attrs={"class": "vTextField"})}
        if db_field.name == "language":
            return forms.ChoiceField(choices=LANGUAGES, initial=db_field.default, help_text="Of the words.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="for queries")
    def for_queries(self, obj):
        """The two boxes of the form in words: a red cross for a box that is empty would look like a fault."""
        return f"{'not ' if obj.is_negated else ''}{'of these words alone' if obj.is_exact else 'with these words'}"


class SynonymForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        words, meaning, language = (cleaned.get(name) for name in ("words", "meaning", "language"))
        if not (words and meaning and language):
            return cleaned
        others = Synonym.objects.exclude(pk=self.instance.pk)
        if key_of(words) == key_of(meaning):
            self.add_error("meaning", OF_ITSELF)
        elif same := others.that_say(words, meaning, language=language):
            self.add_error("words", KNOWN.format(words=same[0].words, meaning=same[0].meaning))
        return cleaned


@admin.register(Synonym)
class SynonymAdmin(SearchWordsAdmin):
    form = SynonymForm
    list_display = ["words", "meaning", "for_queries", "sort", "language", "source"]
    list_filter = ["sort", "language"]
    search_fields = ["words", "meaning", "source"]
    search_help_text = "Part of the words, of what they mean or of where it comes from."
    fields = ["words", "meaning", "sort", ("is_exact", "is_negated"), "language", "source"]
    text_fields = ["words", "meaning"]
