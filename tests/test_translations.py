"""Pages have a language, and may be translations of one another."""

from contextlib import nullcontext

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from articles.models import Article, Topic
from articles.sorting import letter_of, sort_key
from tests.builders import a_topic, an_article, published

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [an_article, a_topic])
def test_two_languages_may_have_one_address_each(make):
    english = make("Radical")
    spanish = make("Radical", language="es", translation_of=english)
    spanish.full_clean()
    assert (english.slug, spanish.slug) == ("radical", "radical")
    assert spanish.get_absolute_url() == "/es" + english.get_absolute_url()
    assert make("Radical", language="es").slug == "radical-2"
    with pytest.raises(ValidationError, match="Another page has this address"):
        type(english)(title="X", kind="test", language="es", slug="radical").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(english).objects.bulk_create([type(english)(title="X", kind="test", language="es", slug="radical")])


@pytest.mark.parametrize("make", [an_article, a_topic])
def test_an_old_address_stays_promised_in_its_language_only(make):
    spanish = make("Tos", language="es")
    spanish.slug = "tos-seca"
    spanish.save()
    assert [redirect.path for redirect in spanish.redirects.all()] == [f"/es{spanish.path_prefix}tos/"]
    assert make("Tos", language="es").slug == "tos-2"
    assert make("Tos").slug == "tos"
    draft = make("Gripe")
    draft = type(draft).objects.get(pk=draft.pk)
    draft.language = "es"
    draft.save()
    assert draft.redirects.get().path == f"{draft.path_prefix}gripe/"


@pytest.mark.parametrize("make", [an_article, a_topic])
def test_what_can_be_a_translation_of_what(make):
    original = make("Cough")
    spanish = make("Tos", language="es", translation_of=original)
    other = make("Fever")
    for page, problem in [
        (make("Flu", translation_of=other), "in English as well"),
        (make("Fiebre", language="es", translation_of=spanish), "is a translation itself"),
    ]:
        with pytest.raises(ValidationError, match=problem):
            page.full_clean()
    second = type(original)(title="Tos 2", kind="test", language="es", translation_of=original)
    with pytest.raises(ValidationError, match="has a translation into Español already"):
        second.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    original.translation_of = other
    with pytest.raises(ValidationError, match="can't be a translation itself"):
        original.full_clean()
    original.translation_of, original.language = None, "es"
    with pytest.raises(ValidationError, match="has a translation into Español already"):
        original.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(other).objects.filter(pk=other.pk).update(translation_of=other.pk)
    with pytest.raises(ProtectedError):
        original.delete()


def test_the_language_stays_once_patients_may_have_read_the_page():
    draft, topic = an_article("Draft"), a_topic("Bone scan")
    for page, problem in (
        (draft, ""),
        (published(an_article("Cough")), "the language stays"),
        (topic, "the language stays"),
    ):
        page = type(page).objects.get(pk=page.pk)
        page.language = "es"
        with pytest.raises(ValidationError, match=problem) if problem else nullcontext():
            page.full_clean()


@pytest.mark.parametrize("model", [Article, Topic])
def test_which_page_a_path_names(model):
    start = model.path_prefix
    for path, named in [
        (f"{start}mri/", ("mri", "en")),
        (f"/es{start}rm-2/", ("rm-2", "es")),
        (f"/en{start}mri/", None),
        (f"/fr{start}mri/", None),
        (f"{start}mri", None),
        (f"{start}mri/history/", None),
        (f"{start}MRI/", None),
        (f"{start}{'x' * 101}/", None),
        (start, None),
        ("", None),
        ("/", None),
        ("\x00", None),
    ]:
        assert model.address_in(path) == named, path


def test_the_spanish_alphabet():
    """Accents fold and a leading article doesn't count, but ñ is a letter of its own; ch and ll are none."""
    titles = ["nuez", "ñandú", "Náusea", "La nube", "El ñu", "oído", "Chequeo", "cinta", "Llaga", "lupus", "Una laña"]
    titles += ["lanza", "lápiz", "Los 3 días", "3D", "Antiñandú", "antinzara", "Unión", "Elástico"]
    assert sorted(titles, key=lambda title: sort_key(title, "es")) == [
        *("Los 3 días", "3D", "antinzara", "Antiñandú", "Chequeo", "cinta", "Elástico"),
        *("lanza", "Una laña", "lápiz", "Llaga", "lupus"),
        *("Náusea", "La nube", "nuez", "ñandú", "El ñu", "oído", "Unión"),
    ]
    letters = {title: letter_of(title, "es") for title in ["Ñandú", "El ñu", "Nube", "Écija", "Ünico", "¿Qué es?", "β"]}
    assert letters == {"Ñandú": "Ñ", "El ñu": "Ñ", "Nube": "N", "Écija": "E", "Ünico": "U", "¿Qué es?": "Q", "β": "0-9"}
    assert letter_of("Ñandú") == "N" and letter_of("La niña") == "L"
    assert (sort_key("n\u0303u", "es"), letter_of("N\u0303u", "es")) == (sort_key("ñu", "es"), "Ñ")
    topic = a_topic("Las ñoras", language="es", other_names=["El ají"])
    assert (topic.letter, topic.other_names.get().letter) == ("Ñ", "A")
