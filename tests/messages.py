"""The catalogs of the public texts: `make messages` brings articles/locale/*/LC_MESSAGES/django.po in line with the code and the
templates and compiles it. Neither that nor the tests need GNU gettext.

    python -m tests.messages

A new text stands in the catalog without a translation, and tests/test_messages.py fails until it has one.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
LOCALE = PROJECT / "articles/locale"
KEYWORDS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def files() -> list[Path]:
    """Those that hold public texts. The templates of the admin stay English."""
    code = [path for folder in ("articles", "library") for path in (PROJECT / folder).rglob("*.py")]
    templates = [path for path in (PROJECT / "templates").rglob("*.*") if "admin" not in path.parts]
    return sorted(path for path in code if "migrations" not in path.parts) + sorted(templates)


def source_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    code = templatize(text, origin=str(path))
    return "\n".join(line.lstrip() for line in code.splitlines())  # it only looks like Python


def extracted() -> Catalog:
    """All texts that are to be translated, with the files in which they stand."""
    catalog = Catalog()
    for path in files():
        place = str(path.relative_to(PROJECT))
        found = extract_python(io.BytesIO(source_of(path).encode()), KEYWORDS, [], {"encoding": "utf-8"})
        for _, function, messages, _ in found:
            texts = [text for text in (messages if isinstance(messages, tuple) else (messages,)) if text is not None]
            context = texts.pop(0) if function in {"pgettext", "npgettext"} else None
            plural = function in {"ngettext", "npgettext"}
            catalog.add(tuple(texts[:2]) if plural else texts[0], locations=[(place, None)], context=context)
    return catalog


def stored(language: str) -> Catalog:
    path = LOCALE / language / "LC_MESSAGES/django.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    with io.BytesIO() as file:
        write_mo(file, catalog)
        return file.getvalue()


def main() -> None:
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        language = path.parts[-3]
        catalog = stored(language)
        catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalog, width=100, sort_output=True, omit_header=False)
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        missing = sum(1 for message in catalog if message.id and not is_translated(message))
        print(f"{path.relative_to(PROJECT)}: {len(catalog)} texts, {missing} without a translation")


def is_translated(message) -> bool:
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(texts) and not message.fuzzy


if __name__ == "__main__":
    main()
