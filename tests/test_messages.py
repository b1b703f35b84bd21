"""The Spanish of the interface is whole, in line with the code, and compiled."""

import re

import pytest
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from articles.dates import age_in_words, day_in_words, in_words
from articles.kinds import Kind
from tests.builders import DAY, NOON
from tests.messages import LOCALE, compiled, extracted, is_translated, stored

OTHERS = [code for code, _ in settings.LANGUAGES if code != "en"]
PLACES = re.compile(r"%\(\w+\)[sd]")


def test_there_is_a_catalog_for_every_language_but_english():
    assert [path.parent.parent.name for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))] == OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalog_holds_the_texts_of_the_code_and_no_others_and_all_are_translated(language):
    catalog, wanted = stored(language), extracted()
    known = {(message.context, message.id): message for message in catalog if message.id}
    asked = {(message.context, message.id) for message in wanted if message.id}
    assert known.keys() == asked and len(asked) > 200, "Run `make messages`, then translate what is new."
    assert [message.id for message in known.values() if not is_translated(message)] == []
    assert not catalog.obsolete
    for message in known.values():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        assert len(texts) == (catalog.num_plurals if message.pluralizable else 1), message.id
        for text in texts:
            assert sorted(PLACES.findall(text)) == sorted(PLACES.findall(ids[-1])), text
            assert re.findall(r"</?\w+", text) == re.findall(r"</?\w+", ids[-1]), text


@pytest.mark.parametrize("language", OTHERS)
def test_what_runs_is_what_the_catalog_says(language):
    path = LOCALE / language / "LC_MESSAGES/django.mo"
    assert path.read_bytes() == compiled(stored(language)), "Run `make messages`."


def test_the_check_would_have_told():
    catalog = stored("es")
    message = next(message for message in catalog if message.id == "Home")
    assert is_translated(message)
    message.flags.add("fuzzy")
    assert not is_translated(message)
    message.flags.clear()
    message.string = ""
    assert not is_translated(message) and compiled(catalog) != compiled(stored("es"))


def test_days_ages_and_kinds_are_said_in_the_language():
    with override("es"):
        assert day_in_words(DAY) == "22 de noviembre de 2026"
        assert in_words(NOON) == "el 22 de noviembre de 2026, a las 12:00 (UTC)"
        assert age_in_words(DAY.replace(year=2025), today=DAY) == "hace 1 año"
        assert age_in_words(DAY.replace(year=2021), today=DAY) == "hace 5 años"
        assert age_in_words(DAY, today=DAY) == "hoy"
        assert Kind.TEST.plural == "Pruebas y procedimientos" and str(Kind.IN_DEPTH.label) == "En profundidad"
        assert [ngettext("entry", "entries", number) for number in (0, 1, 2)] == ["entradas", "entrada", "entradas"]
        assert gettext("Next review due") == "Próxima revisión prevista"
    assert day_in_words(DAY) == "November 22, 2026" and Kind.TEST.plural == "Tests and procedures"
