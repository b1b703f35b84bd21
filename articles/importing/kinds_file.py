"""The table that tells titles of one see-also list apart: position, title, kind."""

import csv
from pathlib import Path

from articles.importing.see_also_text import LinkText
from articles.kinds import Kind
from articles.sorting import same_title

COLUMNS = ["position", "title", "kind"]


class KindsFileError(ValueError):
    """The table can't be used; the message says which line and what to write."""


class KindsFile:
    """Rows of a tab-separated file with the columns position, title and kind."""

    def __init__(self, path: Path):
        self.path = path
        self.rows: dict[tuple[int, str], Kind] = {}
        self.used: set[tuple[int, str]] = set()
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                self._read(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise KindsFileError(f"{path} can't be read as UTF-8 text: {error}") from error

    def _read(self, reader: csv.DictReader) -> None:
        if reader.fieldnames is None or not set(COLUMNS) <= set(reader.fieldnames):
            raise KindsFileError(
                f"{self.path}: the first line must name the columns position, title and kind, parted by tabs."
            )
        for row in reader:
            where = f"{self.path}, line {reader.line_num}"
            position = (row["position"] or "").strip()
            if not (position.isascii() and position.isdecimal() and len(position) <= 5):
                raise KindsFileError(
                    f"{where}: “{position[:20]}” is no position. Write the number of the title in its list."
                )
            kind = Kind.from_words(row["kind"] or "")
            if kind is None:
                raise KindsFileError(f"{where}: “{row['kind']}” is no kind. Write one of: {', '.join(Kind.values)}.")
            key = int(position), same_title(row["title"] or "")
            if self.rows.setdefault(key, kind) != kind:
                raise KindsFileError(f"{where}: position {position} has two kinds. Delete one of the lines.")

    def kinds_of(self, links: list[LinkText]) -> list[Kind | None]:
        """The kind of each link: of its position and title, else of its title when that has one kind only."""
        of_title: dict[str, set[Kind]] = {}
        for (_, title), kind in self.rows.items():
            of_title.setdefault(title, set()).add(kind)
        kinds = []
        for link in links:
            key = link.position, same_title(link.title)
            kind = self.rows.get(key)
            if kind is None and len(of_title.get(key[1], ())) == 1:
                (kind,) = of_title[key[1]]
            if kind:
                self.used |= {row for row in self.rows if row[1] == key[1]}
            kinds.append(kind)
        return kinds

    def unused(self) -> list[str]:
        """Rows that fitted no title of any file: a slip in the table, or the wrong table."""
        return [
            f"position {position}, “{title}”" for position, title in self.rows if (position, title) not in self.used
        ]
