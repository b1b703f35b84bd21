"""Two saves that started from the same version, brought together.

versions.py    the whole page: what only one side changed is kept as it is, the rest is a clash
paragraphs.py  two texts of one section, when they touch different paragraphs
words.py       the words that a clash is shown in
"""
