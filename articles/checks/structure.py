"""How the page is built (S1 to S9): what a reader takes in at a glance, or a screen reader says of it.

Thresholds: NHS content style guide (title 65 characters, at most three sentences to a paragraph, no skipped level of headings, no
“click here”), CDC Clear Communication Index 1, 2, 8 to 10 (main message, at most seven items to a list) and PEMAT 8 to 12;
300 words to a section is ours.

S6 leaves the see-also list alone: the page groups it by kind and folds what is beyond seven (articles/see_also.py).
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from articles.checks.finding import Finding, Severity
from articles.checks.text import Body, Item, read_body, sentences_of, words_of

LONGEST_TITLE = 65  # characters
LONGEST_DECK = 25  # words
LONGEST_SECTION = 300  # words without a subheading or a list
LONGEST_PARAGRAPH = 3  # sentences; and as many words as three sentences may have
WORDS_OF_THREE = 60
LONGEST_LIST = 7  # items
QUOTED = 90  # characters of a passage

SEE_ALSO = "See also"
EMPTY_WORDS = {
    "click", "click here", "here", "link", "this link", "more", "read more", "see more", "learn more", "find out more",
    "more information", "details", "this page", "this",
}  # fmt: skip
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+\Z", re.IGNORECASE)


def check_structure(content: dict) -> list[Finding]:
    found = [*_title(content["title"]), *_deck(content["deck"])]
    bodies = [
        (name_of_section(section), bool(section["heading"]), read_body(section["body"]))
        for section in content["sections"]
    ]
    for where, has_heading, body in bodies:
        found += _headings(where, has_heading, body)
        found += _length(where, body)
        found += _paragraphs(where, body)
        found += _lists(where, body)
        found += _link_texts(where, body)
    found += _same_text(bodies)
    return [*found, *_see_also(content["links"])]


def name_of_section(section: dict) -> str:
    return section["heading"] or "Introduction"


def quoted(text: str) -> str:
    return text if len(text) <= QUOTED else f"{text[:QUOTED].rstrip()}…"


def _title(title: str) -> Iterator[Finding]:
    if len(title) > LONGEST_TITLE:
        said = (
            f"The title has {len(title)} characters. Lists and search results cut it: make it {LONGEST_TITLE} or fewer."
        )
        yield Finding("S1", Severity.WARNS, "Title", said)


def _deck(deck: str) -> Iterator[Finding]:
    if not deck.strip():
        said = "The page has no summary. Say its main message in one sentence under the title."
        yield Finding("S3", Severity.WARNS, "Summary", said)
        return
    sentences, words = len(sentences_of(deck)), len(words_of(deck))
    if sentences > 1:
        said = f"The summary has {sentences} sentences. Keep the one with the main message."
        yield Finding("S3", Severity.WARNS, "Summary", said)
    if words > LONGEST_DECK:
        said = f"The summary has {words} words. Say the main message in {LONGEST_DECK} or fewer."
        yield Finding("S3", Severity.WARNS, "Summary", said)


def _headings(where: str, has_heading: bool, body: Body) -> Iterator[Finding]:
    level = 2 if has_heading else 1
    for heading, next_level in zip(body.headings, body.levels, strict=False):
        if next_level > level + 1:
            said = (
                f"The heading “{quoted(heading)}” skips a level, so a screen reader announces a part that isn’t there. "
                + ("Give the section a heading, or make this one text." if level == 1 else "Make it one level higher.")
            )
            yield Finding("S2", Severity.BLOCKS, where, said)
        level = next_level


def _length(where: str, body: Body) -> Iterator[Finding]:
    words = body.number_of_words
    if words > LONGEST_SECTION and not (body.headings or body.lists):
        said = f"The section has {words} words without a subheading or a list. Break it up so that people find their place."
        yield Finding("S4", Severity.WARNS, where, said)


def _paragraphs(where: str, body: Body) -> Iterator[Finding]:
    """Four short sentences are no burden: a paragraph is long when it has more words than three sentences may have, too."""
    long = [
        text
        for text in body.paragraphs
        if len(sentences_of(text)) > LONGEST_PARAGRAPH and len(words_of(text)) > WORDS_OF_THREE
    ]
    if long:
        many = len(long) > 1
        said = (
            f"{len(long)} paragraph{'s have' if many else ' has'} more than {LONGEST_PARAGRAPH} sentences and {WORDS_OF_THREE} words. "
            f"Part {'them' if many else 'it'} where the thought changes."
        )
        yield Finding("S5", Severity.WARNS, where, said, tuple(quoted(text) for text in long))


def _lists(where: str, body: Body) -> Iterator[Finding]:
    for items in body.lists:
        first = quoted(items[0].text) if items else ""
        if len(items) > LONGEST_LIST:
            said = (
                f"The list that begins with “{first}” has {len(items)} items. Nobody keeps more than {LONGEST_LIST} in "
                "mind: group them under subheadings."
            )
            yield Finding("S6", Severity.WARNS, where, said)
        if len(items) == 1:
            said = f"“{first}” is a list of one item. Make it a sentence."
            yield Finding("S7", Severity.NOTES, where, said)
        elif _is_mixed(items):
            said = f"Some items of the list that begins with “{first}” end with a full stop and others don’t. End all alike."
            yield Finding("S7", Severity.NOTES, where, said)


def _is_mixed(items: list[Item]) -> bool:
    """Whether items end unlike each other. The last may close the sentence that the list is part of; an item with a list
    inside leads on to it; a question keeps its mark."""
    ends = [item.text[-1:] in ".;" for item in items if item.text and not item.has_list and item.text[-1:] not in "?!:"]
    return len(set(ends)) > 1 and set(ends[:-1]) != {False}


def _link_texts(where: str, body: Body) -> Iterator[Finding]:
    for link in body.links:
        text = link.text.strip(" .,:;!→»›>").casefold()
        if text in EMPTY_WORDS or not text:
            said = f"A link says “{link.text}”, which tells nobody where it leads. Name the page that it opens."
            yield Finding("S8", Severity.BLOCKS, where, said, (link.href,))
        elif _ADDRESS.match(text):
            said = "A link shows its bare address, which a screen reader spells out. Write what it leads to."
            yield Finding("S8", Severity.BLOCKS, where, said, (quoted(link.text),))


def _same_text(bodies) -> Iterator[Finding]:
    """Two links of the text that say the same must lead to the same place."""
    targets = defaultdict(dict)
    for where, _, body in bodies:
        for link in body.links:
            targets[link.text.casefold()].setdefault(link.href, where)
    for text, places in targets.items():
        if text and text not in EMPTY_WORDS and len(places) > 1:
            said = f"Links that all say “{quoted(text)}” lead to {len(places)} different places. Let each say where it leads."
            yield Finding("S8", Severity.BLOCKS, list(places.values())[-1], said, tuple(places))


def _see_also(links: list[dict]) -> Iterator[Finding]:
    """Equal words are fine under different kinds: the page shows “MRI”, the test, apart from “MRI”, the video."""
    targets, said_as = defaultdict(list), defaultdict(set)
    for number, link in enumerate(links, start=1):
        target = (link["topic"], link["article"], link["url"])
        targets[target].append((number, link["label"]))
        said_as[link["label"].casefold(), link["kind"]].add(target)
    for places in targets.values():
        if len(places) > 1:
            numbers = " and ".join(str(number) for number, _ in places)
            said = f"“{places[0][1]}” is listed {len(places)} times, at {numbers}. Keep one."
            yield Finding("S9", Severity.WARNS, SEE_ALSO, said)
    for (text, _), places in said_as.items():
        if len(places) > 1:
            said = f"{len(places)} links of one kind say “{text}” and lead to different pages. Tell them apart."
            yield Finding("S8", Severity.BLOCKS, SEE_ALSO, said)


def check_targets(content: dict, *, article: int, gone: dict[int, str], dead_paths: dict[str, str]) -> list[Finding]:
    """Where the links of the page lead now (S9). `article` is its id, `gone` the labels of the see-also links that patients
    don't see by their numbers, `dead_paths` the addresses of this library in the text that open no page, each with the
    section that it stands in."""
    found = []
    for path, where in dead_paths.items():
        said = f"A link in the text leads to {path}, where patients find no page. Take it out, or link to another page."
        found.append(Finding("S9", Severity.BLOCKS, where, said))
    if any(link["article"] == article for link in content["links"]):
        found.append(Finding("S9", Severity.WARNS, SEE_ALSO, "The page lists itself. Take that link out."))
    if gone:
        labels = tuple(f"{number}. {label}" for number, label in gone.items())
        many = len(gone) > 1
        said = (
            f"{len(gone)} link{'s lead' if many else ' leads'} to a page that is withdrawn or not published, so patients "
            f"don’t see {'them' if many else 'it'}. Take {'them' if many else 'it'} out, or put another page in."
        )
        found.append(Finding("S9", Severity.WARNS, SEE_ALSO, said, labels))
    return found
