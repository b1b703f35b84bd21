"""From the bytes of a file to clean lines of text."""

import re
import unicodedata
from dataclasses import dataclass

MAX_BYTES = 5 * 1024 * 1024


class NotAPage(ValueError):
    """The file holds no page that could be imported; the message says why and what to do."""


@dataclass(frozen=True)
class Line:
    number: int  # in the file, from 1
    text: str  # without white space at either end
    indent: int = 0  # columns of white space in front; a tab counts 4

    def __bool__(self):
        return bool(self.text)


@dataclass(frozen=True)
class Finding:
    """Something that an editor should know or settle."""

    line: int
    message: str

    def __str__(self):
        return f"line {self.line}: {self.message}" if self.line else self.message


LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF])  # soft hyphen, zero-width spaces, byte-order mark
TABLE = LIGATURES | SPACES | INVISIBLE
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


def lines_of(raw: bytes) -> tuple[list[Line], list[Finding]]:
    """The lines of a page, as `text_of` reads it. Raises NotAPage for a file of more than 5 MB as well."""
    if len(raw) > MAX_BYTES:
        raise NotAPage("it is larger than 5 MB. A page of text is much smaller: is this the right file?")
    text, findings = text_of(raw)
    return [_line(number, line) for number, line in enumerate(text.splitlines(), start=1)], findings


def text_of(raw: bytes) -> tuple[str, list[Finding]]:
    """The text of a file, whatever editor wrote it, and what had to be assumed about it.

    Reads UTF-8, UTF-16 with a byte-order mark, and Windows-1252. Ligatures become letters, special spaces become
    ordinary ones, invisible characters go; tabs and line ends stay. Raises NotAPage for anything that is not text.
    """
    text, findings = _decode(raw)
    if CONTROL.search(text):
        raise NotAPage("it holds control characters, so it is no plain text. Save the page as plain text (UTF-8).")
    return unicodedata.normalize("NFC", text.translate(TABLE)), findings


def _decode(raw: bytes) -> tuple[str, list[Finding]]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16"), [Finding(0, "read as UTF-16")]
        except UnicodeDecodeError:
            raise NotAPage("it can't be read as UTF-16. Save it as plain text (UTF-8).") from None
    if b"\x00" in raw:
        raise NotAPage("it is no text file. Save the page as plain text (UTF-8).")
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    _refuse_damaged_utf8(raw)
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        raise NotAPage("its letters are in no encoding we know. Save it as plain text (UTF-8).") from None
    return text, [Finding(0, "read as Windows-1252, because it is not UTF-8. Check its accents and quotation marks")]


def _refuse_damaged_utf8(raw: bytes) -> None:
    """A file with more whole UTF-8 characters than broken ones is damaged; read as Windows-1252 it would be gibberish."""
    text = raw.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if sum(not char.isascii() for char in text) - broken > broken:
        line = text[: text.index("\ufffd")].count("\n") + 1
        raise NotAPage(f"line {line} holds a damaged character. Correct it and save the page as plain text (UTF-8).")


def _line(number: int, raw: str) -> Line:
    expanded = raw.expandtabs(4)
    text = " ".join(expanded.split())
    return Line(number, text, len(expanded) - len(expanded.lstrip(" ")))
