"""The rich-text editor of a section. It offers what the allow-list of articles/html.py keeps, and nothing else."""

from django import forms
from django_prose_editor.widgets import AdminProseEditorWidget
from js_asset import Media

from articles import html

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Subscript": True,
    "Superscript": True,
    "Heading": {"levels": [3, 4]},
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "HardBreak": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "SpecialCharacters": True,
    "History": True,
}


class BodyWidget(AdminProseEditorWidget):
    """Without script it is a text area of HTML; either way the field cleans what comes back."""

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs, config={"extensions": EXTENSIONS}, preset="configurable")

    @property
    def media(self):
        # Ours comes first: it must be listening when the first editor is ready.
        ours = Media(js=["admin_library/editor.js", "admin_library/word-paste.js"])
        return ours + super().media + Media(css={"all": ["admin_library/editor.css"]})


class BodyField(forms.CharField):
    """Cleans to what would be stored, so that an untouched text is no change."""

    widget = BodyWidget

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "max_length": None, "strip": False})

    def to_python(self, value):
        return html.clean(super().to_python(value).replace("\r\n", "\n"))

    def has_changed(self, initial, data):
        return self.to_python(initial or "") != self.to_python(data or "")
