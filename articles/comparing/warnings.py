"""The changes of words that can hurt somebody: numbers and units, negations, urgency."""

import re
from collections import Counter
from dataclasses import dataclass

_UNIT = (
    r"(?:mg|mcg|µg|μg|g|kg|ml|mL|l|L|dl|dL|units?|IU|mmol|mm|cm|°?[CF]|%|percent|times?|tablets?|drops?|"
    r"hours?|days?|weeks?|months?|years?|minutes?|in \d+|out of \d+|to \d+)"
)
_NUMBER = re.compile(rf"(?<![\w.])\d+(?:[.,]\d+)*(?:\s?(?:{_UNIT})(?!\w)(?:\s?/\s?\w+)?)?")
_NEGATION = re.compile(
    r"\b(?:do not|does not|did not|should not|must not|can ?not|not|never|no|none|without|avoid|stop|unless|"
    r"\w+n['’]t)\b",
    re.I,
)
_URGENCY = re.compile(
    r"\b(?:call 911|911|999|112|emergency|right away|immediately|at once|urgent(?:ly)?|same day|straight away|"
    r"life-threatening)\b",
    re.I,
)
KINDS = {"number": _NUMBER, "negation": _NEGATION, "urgency": _URGENCY}


@dataclass(frozen=True)
class Warning:
    """`kind` is "number", "negation" or "urgency"; `gone` and `came` are the words, each as often as it counts."""

    kind: str
    gone: tuple[str, ...]
    came: tuple[str, ...]


def warnings_between(before: list[str], after: list[str]) -> list[Warning]:
    """Which numbers with their units, negations and words of urgency went and came between two versions of a text.

    Words count, not places: a sentence that only moved changes nothing. The lists of words are ours; they make a person
    look, they prove nothing.
    """
    found = []
    for kind, pattern in KINDS.items():
        old, new = (_words(pattern, lines) for lines in (before, after))
        if old != new:
            gone, came = sorted((old - new).elements()), sorted((new - old).elements())
            found.append(Warning(kind, tuple(gone), tuple(came)))
    return found


def _words(pattern: re.Pattern, lines: list[str]) -> Counter:
    return Counter(" ".join(match[0].split()).lower() for line in lines for match in pattern.finditer(line))
