"""The way of an article from a draft to its patients: who may do what to it, and when.

Imports go one way: machine (states, acts), people <- rules (what is against an act) <- verbs <- afterwards (the queue of
editions that nobody signed off).
"""

from articles.workflow.afterwards import refusals_afterwards, sign_off_afterwards
from articles.workflow.machine import MACHINE, PUBLISH, SIGN_OFF, WRITE, Act, State, with_state
from articles.workflow.people import named, who_may, writers
from articles.workflow.rules import Offer, offers, refusals
from articles.workflow.verbs import (
    Refused,
    archive,
    ask_changes,
    bring_back,
    call_off_end,
    publish,
    publish_unsigned,
    schedule,
    set_end,
    sign_off,
    submit,
    take_back,
    unarchive,
    unschedule,
    withdraw,
)

__all__ = [
    "MACHINE",
    "PUBLISH",
    "SIGN_OFF",
    "WRITE",
    "Act",
    "Offer",
    "Refused",
    "State",
    "archive",
    "ask_changes",
    "bring_back",
    "call_off_end",
    "named",
    "offers",
    "publish",
    "publish_unsigned",
    "refusals",
    "refusals_afterwards",
    "schedule",
    "set_end",
    "sign_off",
    "sign_off_afterwards",
    "submit",
    "take_back",
    "unarchive",
    "unschedule",
    "who_may",
    "with_state",
    "withdraw",
    "writers",
]
