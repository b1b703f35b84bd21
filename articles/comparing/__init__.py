"""What differs between two versions of a page, in words that an approver can check.

    text.py        HTML as lines of words, and the words that came and went
    lists.py       an ordered list: what came, went, moved or changed
    warnings.py    the changes that can hurt: numbers, units, negations, urgency
    comparison.py  the whole page, part by part, and one plain line that sums it up
    plain_text.py  the same as lines of a mail

Everything here is plain text: whoever shows it escapes it.
"""
