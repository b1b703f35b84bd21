"""Links to other sites: asking.py asks whether an address answers, checking.py decides which are asked and keeps the answers."""
