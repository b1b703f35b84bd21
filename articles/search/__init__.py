"""Search: what patients type becomes pages, on SQLite and PostgreSQL alike.

query.py reads the words, full_text.py asks the database for pages that hold them, ranking.py puts these into order by their
digests, the same on both databases; spelling.py guesses what was meant, searching.py does all of it. index.py keeps what is
asked in step with the pages. What depends on a language is in language.py, english.py, medical_english.py and spanish.py.
near_titles.py is for addresses that lead nowhere.
"""

from articles.search.near_titles import NearTitles, near_titles
from articles.search.query import MAX_QUERY, words_of
from articles.search.searching import MAX_RESULTS, PER_PAGE, Answer, Hit, search

__all__ = [
    "MAX_QUERY",
    "MAX_RESULTS",
    "PER_PAGE",
    "Answer",
    "Hit",
    "NearTitles",
    "near_titles",
    "search",
    "words_of",
]
