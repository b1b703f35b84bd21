"""Who did something, as the ledgers keep it: a name that means something when the account is gone."""

import unicodedata
from dataclasses import dataclass

LONGEST_NAME = 200  # characters


@dataclass(frozen=True)
class Person:
    """`account` is the id of the account, so that a changed name hides nobody; None for an import or a command."""

    name: str
    account: int | None = None

    @classmethod
    def of(cls, user) -> "Person":
        return cls(name_of(user), user.pk)

    def is_also(self, other: "Person") -> bool:
        """Whether both are, or may be, the same human being: one account, or one name."""
        same_account = self.account is not None and self.account == other.account
        return same_account or plain(self.name) == plain(other.name)


def plain(name: str) -> str:
    """Without what two accounts of one person may differ in: capitals, spaces, and how a letter is composed."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def name_of(user) -> str:
    return (user.get_full_name() or user.get_username())[:LONGEST_NAME]
