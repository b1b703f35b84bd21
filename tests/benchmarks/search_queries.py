"""Makes the queries of docs/search.md out of the lines of JSON with the MedlinePlus health topics:

    .venv/bin/python -m tests.benchmarks.search_queries topics.jsonl.gz FOLDER

`formal.tsv` asks one question for each title, `names.tsv` each other name that the file has, and `topics-without-names.jsonl`
is the same file without them, so that an index made of it was not given what `names.tsv` asks.
"""

import gzip
import json
import sys
from pathlib import Path

import tests.benchmarks  # noqa: F401  (starts Django)
from articles.importing.medlineplus import kind_of
from articles.importing.medlineplus_files import read_health_topics
from articles.kinds import Kind
from articles.slugs import ascii_slug

# Questions of MedQuAD (Ben Abacha and Demner-Fushman 2019): what it asks of any page, and what of a disease alone.
OF_ANYTHING = ["What is (are) {} ?", "Do you have information about {}"]
OF_A_CONDITION = ["What are the symptoms of {} ?", "What causes {} ?", "What are the treatments for {} ?"]
OF_A_CONDITION += ["How to diagnose {} ?", *OF_ANYTHING]


def main(source: Path, folder: Path) -> None:
    topics = read_health_topics(source).topics
    formal, names = [], []
    for place, topic in enumerate(topics):
        address = f"/topics/{ascii_slug(topic.title, fallback='topic')}/"
        forms = OF_A_CONDITION if kind_of(topic) == (Kind.CONDITION, True) else OF_ANYTHING
        formal.append((forms[place % len(forms)].format(topic.title), address))
        names += [(name, address) for name in topic.also_called]
    for name, queries in (("formal", formal), ("names", names)):
        lines = [f"{query}\t{address}\n" for query, address in queries]
        (folder / f"{name}.tsv").write_text("".join(lines), encoding="utf-8")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        without = [json.dumps(json.loads(line) | {"also_called": []}) + "\n" for line in lines]
    (folder / "topics-without-names.jsonl").write_text("".join(without), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
