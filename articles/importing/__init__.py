"""From a page as plain text to the working copy of an article.

    bytes -> lines            decoding.py
    lines -> PageText         page_text.py, with lists.py, stated_dates.py and citations.py
    PageText -> Article       storing.py

Nothing is lost and nothing invented: what the importer can't place it reports, with the line and what to do.
"""
