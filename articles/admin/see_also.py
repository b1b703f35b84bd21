"""The form field of the ordered see-also list: one text area, which a script turns into a list to work on."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone

from articles import languages
from articles.admin import see_also_rows
from articles.models import Article
from articles.ordering import LinkRow, stored_rows

KEYS = ("topic", "article", "url", "text", "label", "title", "kind", "note", "choices")


def rows_of(article: Article) -> list[dict]:
    """The stored list, in the shape in which it would be sent."""
    rows = []
    for row in stored_rows(article):
        name = "topic" if row.topic else "article" if row.article else "url"
        rows.append({name: getattr(row, name), "label": row.label})
    return rows


class SeeAlsoWidget(forms.Textarea):
    language = languages.DEFAULT  # of the page: it is searched for pages of the same

    def __init__(self, attrs=None):
        super().__init__({"class": "vLargeTextField", "rows": 20, "autocomplete": "off", **(attrs or {})})

    class Media:
        css = {"all": ["admin_library/see-also.css"]}
        js = [
            forms.Script("admin_library/see-also.js", defer=True),
            forms.Script("admin_library/see-also-drag.js", defer=True),
            forms.Script("admin_library/see-also-search.js", defer=True),
        ]

    def render(self, name, value, attrs=None, renderer=None):
        """`value` is a list of rows, or the text that was sent and refused: then it is shown again as it was."""
        try:
            rows = see_also_rows.parse(value) if isinstance(value, str) else value or []
        except ValidationError:
            rows, text = None, value
        else:
            rows = see_also_rows.settle(rows, at=timezone.now(), language=self.language)
            text = "\n".join(map(see_also_rows.as_line, rows))
            rows = [{key: row[key] for key in KEYS if row.get(key)} for row in rows]
        context = {**self.get_context(name, text, attrs), "rows": rows, "language": self.language}
        described_by = context["widget"]["attrs"].get("aria-describedby", "")
        context["widget"]["attrs"]["aria-describedby"] = f"{described_by} {attrs['id']}_lines".strip()
        return render_to_string("admin/widgets/see_also.html", context)


class SeeAlsoField(forms.CharField):
    """Cleans to a list of LinkRow; says of every row that can't be stored what is wrong with it."""

    widget = SeeAlsoWidget

    def __init__(self, **kwargs):
        super().__init__(required=False, strip=False, **kwargs)

    def to_python(self, value):
        return see_also_rows.parse(super().to_python(value))

    def clean(self, value):
        rows = see_also_rows.settle(self.to_python(value), at=timezone.now(), language=self.widget.language)
        if problems := [f"Row {n}: {row['problem']}" for n, row in enumerate(rows, start=1) if row["problem"]]:
            raise ValidationError(problems)
        return [LinkRow(row.get("topic"), row.get("article"), row.get("url", ""), row["label"]) for row in rows]

    def has_changed(self, initial, data):
        try:
            rows = self.clean(data)
        except ValidationError:
            return True
        before = [LinkRow(row.get("topic"), row.get("article"), row.get("url", ""), row["label"]) for row in initial]
        return rows != before
