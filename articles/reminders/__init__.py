"""Reminders of reviews: digest.py decides who is told today, audience.py whose a page is, wording.py says it; absences.py
keeps who is away and who stands in."""
