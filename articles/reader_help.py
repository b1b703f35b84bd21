"""Small things that help a reader: how long a page takes, and a mail that tells somebody else of it. No database."""

from urllib.parse import quote, urlencode

from articles.characters import clean
from articles.checks.text import Body, words_of

# Adults read 238 words of non-fiction a minute, silently and in English (Brysbaert 2019, a review of 190 studies,
# doi:10.1016/j.jml.2019.104047). Who is ill, tired or reads in a second language is slower, so fewer are counted here.
WORDS_A_MINUTE = 200


def minutes_to_read(content: dict, bodies: list[Body]) -> int:
    """Minutes for the deck and the sections of an edition (`bodies_of` them), to the nearest one; never less than 1. Neither the sources nor
    the related links count: nobody reads those from end to end."""
    words = len(words_of(content["deck"]))
    for section, body in zip(content["sections"], bodies, strict=True):
        words += len(words_of(section["heading"])) + body.number_of_words
    return max(1, (words + WORDS_A_MINUTE // 2) // WORDS_A_MINUTE)


def mail_about(title: str, address: str) -> str:
    """A mailto address (RFC 6068) that opens a mail with the title and the address of a page, to nobody yet. The reader's
    own program sends it; the library hears nothing of it."""
    title = " ".join(clean(title).split())
    return "mailto:?" + urlencode({"subject": title, "body": f"{title}\r\n\r\n{address}"}, quote_via=quote)
