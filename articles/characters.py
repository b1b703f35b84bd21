"""Characters that no file format holds, for every writer of files."""

import re

_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text with "\\n" for every kind of line end, and without what XML, iCalendar or UTF-8 can't hold: control
    characters (a tab stays), halves of a surrogate pair, U+FFFE and U+FFFF."""
    return _UNFIT.sub("", _LINE_END.sub("\n", text))
