"""Reading a reference: the text stays as printed, and what identifies the source is taken out of it as well."""

import re
from dataclasses import dataclass
from datetime import date

from articles.addresses import MAX_LENGTH, is_safe_address
from articles.importing.stated_dates import DATE, read_date

_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]+)", re.I)
_PMID = re.compile(r"\b(?:PMID|PubMed(?: id)?)\s*:?\s*(\d{1,10})\b", re.I)
_URL = re.compile(r"https?://[^\s\"<>]+", re.I)
_ACCESSED = re.compile(rf"\b(?:Accessed|Retrieved|Cited)(?: on)?:? ({DATE})", re.I)
_YEAR = re.compile(r"(?<![\d/.-])((?:19|20)\d\d)(?![\d/-])")


@dataclass(frozen=True)
class Citation:
    text: str
    line: int
    year: int | None
    doi: str
    pmid: str
    url: str
    accessed_on: date | None


def read_citation(text: str, *, line: int, today: date) -> Citation:
    """What a printed reference says for certain; anything that it doesn't say stays empty.

    The year is taken when the text without its addresses and its day of access names just one.
    """
    doi = _DOI.search(text)
    url = _URL.search(text)
    accessed = _ACCESSED.search(text)
    plain = _ACCESSED.sub(" ", _URL.sub(" ", _DOI.sub(" ", text)))
    years = set(_YEAR.findall(plain))
    address = _without_end_mark(url[0]) if url and "doi.org/" not in url[0] else ""
    return Citation(
        text=text,
        line=line,
        year=int(years.pop()) if len(years) == 1 else None,
        doi=_without_end_mark(doi[1])[:200] if doi else "",
        pmid=match[1] if (match := _PMID.search(text)) else "",
        url=address if is_safe_address(address) and len(address) <= MAX_LENGTH else "",
        accessed_on=read_date(accessed[1], today=today).day if accessed else None,
    )


def _without_end_mark(address: str) -> str:
    """An address in running text, without the full stop or bracket that only ends the sentence."""
    address = address.rstrip(".,;:'’”")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(".,;:")
    return address


def looks_like_citations(texts: list[str]) -> bool:
    """Whether most lines of a numbered list are sources rather than advice."""
    signs = re.compile(r"\bet al\b|\bdoi\b|10\.\d{4,9}/|\bPMID\b|\bAccessed\b|\b(?:19|20)\d\d;|https?://", re.I)
    return sum(bool(signs.search(text)) for text in texts) * 2 > len(texts)
