"""Triggers that write down what changes for patients, in the transaction that changes it (articles/models/change.py).

A row of WATCHED names a table, what happens to it (I, U, D), for an update the columns that matter, and the keys: a text
and the column whose value follows it. articles/changes.py says what each key touches.

SQLite loses the triggers of a table that a migration remakes; such a migration ends with `follow_changes()`. Whoever changes
WATCHED adds a migration with `follow_changes_anew()`. A test compares what is there with WATCHED. No trigger names another watched table, because SQLite refuses to remake such a one.
"""

from dataclasses import dataclass, field

from django.db import migrations

EVERYTHING = (("*", None),)
ARTICLE = (("article:", "article_id"), ("link:article:", "article_id"))


@dataclass(frozen=True)
class Watched:
    table: str
    events: str
    keys: tuple[tuple[str, str | None], ...]
    columns: tuple[str, ...] = field(default=())
    only: str = ""  # a condition on NEW


WATCHED = [
    Watched("articles_edition", "I", ARTICLE),
    Watched("articles_edition_about", "IUD", (("edition:", "edition_id"),)),
    Watched("articles_edition_see_also", "IUD", (("edition:", "edition_id"),)),
    Watched("articles_edition_tags", "IUD", (("edition:", "edition_id"),)),
    Watched("articles_scheduledact", "U", ARTICLE, columns=("cancelled_at",)),
    Watched("articles_scheduledact", "D", ARTICLE),
    Watched("articles_withdrawal", "IUD", (*ARTICLE, ("topic:", "topic_id"), ("link:topic:", "topic_id"))),
    Watched("articles_review", "I", (("review:", "article_id"),)),
    Watched("articles_statedreview", "I", (("review:", "article_id"),)),
    Watched("articles_article", "U", (("article:", "id"), ("link:article:", "id")), columns=("slug", "language")),
    Watched(
        "articles_article",
        "U",
        (("article:", "id"), ("translations:article:", "id"), ("translations:article:", "translation_of_id")),
        columns=("translation_of_id",),
    ),
    Watched(
        "articles_article",
        "U",
        (("review:", "id"),),
        columns=("reviewed_on", "reviewed_edition", "next_review_on", "banner_after_days"),
    ),
    Watched("articles_article", "D", EVERYTHING),
    Watched("articles_topic", "I", (("topic:", "id"),)),
    Watched(
        "articles_topic",
        "U",
        (("topic:", "id"),),
        columns=("title", "slug", "language", "kind", "is_sample", "definition", "source", "sort_key", "letter"),
    ),
    Watched(
        "articles_topic",
        "U",
        (("name:topic:", "id"), ("kind:", "kind")),
        columns=("title", "language", "kind", "sort_key"),
    ),
    Watched("articles_topic", "U", (("link:topic:", "id"),), columns=("slug", "language")),
    Watched(
        "articles_topic",
        "U",
        (("words:topic:", "id"),),
        columns=("title", "language", "kind", "is_sample", "definition", "sort_key"),
    ),
    Watched(
        "articles_topic",
        "U",
        (("topic:", "id"), ("translations:topic:", "id"), ("translations:topic:", "translation_of_id")),
        columns=("translation_of_id",),
    ),
    Watched("articles_topic", "D", EVERYTHING),
    Watched("articles_othername", "IUD", (("topic:", "topic_id"), ("words:topic:", "topic_id"))),
    Watched(
        "articles_topictag",
        "IUD",
        (("topic:", "content_object_id"), ("name:topic:", "content_object_id"), ("tag:", "tag_id")),
    ),
    Watched("articles_tag", "UD", EVERYTHING),
    Watched("articles_redirect", "IUD", (("redirects", None),)),
    Watched("articles_synonym", "IUD", (("search", None),)),
    Watched("articles_bestbet", "IUD", (("search", None),)),
    Watched("articles_auditentry", "I", (("saved-topics", None),), only="NEW.page_kind = 'topic'"),
]
VERBS = {"I": "INSERT", "U": "UPDATE", "D": "DELETE"}
ROWS = {"I": ("NEW",), "U": ("OLD", "NEW"), "D": ("OLD",)}

# On PostgreSQL the rows wait without a number until the transaction commits; nobody else sees them meanwhile. The first of
# them gives the number to all, in a second round, after all other triggers of the commit: it locks the row of the stamp, and
# nothing may wait for anybody after that. Each step finds its rows by an index, so a change of 50,000 rows costs 50,000 steps;
# the plan of a function is made while the table is small, when PostgreSQL would rather read all of it, and then kept.
POSTGRESQL = [
    """
CREATE FUNCTION articles_change_note() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE was jsonb := '{}'; is_now jsonb := '{}'; argument int := 0; value text; noted text[] := '{}'; one text;
BEGIN
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW); END IF;
    WHILE argument < TG_NARGS LOOP
        IF TG_ARGV[argument + 1] = '' THEN
            noted := noted || TG_ARGV[argument];
        ELSE
            FOREACH value IN ARRAY ARRAY[was ->> TG_ARGV[argument + 1], is_now ->> TG_ARGV[argument + 1]] LOOP
                IF value IS NOT NULL THEN noted := noted || (TG_ARGV[argument] || value); END IF;
            END LOOP;
        END IF;
        argument := argument + 2;
    END LOOP;
    FOREACH one IN ARRAY noted LOOP
        INSERT INTO articles_change (number, mark, key, at)
        SELECT NULL, CASE WHEN EXISTS (SELECT 1 FROM articles_change WHERE number IS NULL) THEN '' ELSE 'first' END,
            one, clock_timestamp()
        WHERE NOT EXISTS (SELECT 1 FROM articles_change WHERE number IS NULL AND key = one);
    END LOOP;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION articles_change_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE articles_change SET number = 0 WHERE id = NEW.id;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION articles_change_number() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE moved articles_stamp;
BEGIN
    INSERT INTO articles_stamp AS stamp (id, number, mark) VALUES (1, 1, md5(random()::text))
    ON CONFLICT (id) DO UPDATE SET number = stamp.number + 1, mark = md5(random()::text || stamp.mark)
    RETURNING * INTO moved;
    UPDATE articles_change SET number = moved.number, mark = moved.mark WHERE number IS NULL;
    UPDATE articles_change SET number = moved.number, mark = moved.mark WHERE id = NEW.id;
    RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER articles_change_waits AFTER INSERT ON articles_change DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.mark = 'first') EXECUTE FUNCTION articles_change_wait()
""",
    """
CREATE CONSTRAINT TRIGGER articles_change_numbered AFTER UPDATE ON articles_change DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.number = 0) EXECUTE FUNCTION articles_change_number()
""",
]
NOT_ON_POSTGRESQL = [
    "DROP TRIGGER articles_change_waits ON articles_change",
    "DROP TRIGGER articles_change_numbered ON articles_change",
    "DROP FUNCTION articles_change_number()",
    "DROP FUNCTION articles_change_wait()",
    "DROP FUNCTION articles_change_note()",
]
SQLITE_NOTE = """
INSERT INTO articles_stamp (id, number, mark) SELECT 1, 1, lower(hex(randomblob(16))) WHERE {there}
    ON CONFLICT (id) DO UPDATE SET number = number + 1, mark = excluded.mark;
INSERT INTO articles_change (number, mark, key, at)
    SELECT number, mark, {key}, strftime('%Y-%m-%d %H:%M:%f', 'now') FROM articles_stamp WHERE {there};
"""


def triggers() -> dict[str, str]:
    """On SQLite: what makes each trigger, by its name."""
    made = {}
    for number, watched in enumerate(WATCHED):
        for event in watched.events:
            name, when = f"articles_change_{number}_{event.lower()}", _when(watched, event, "IS NOT")
            columns = f" OF {', '.join(watched.columns)}" if watched.columns else ""
            body = "".join(
                SQLITE_NOTE.format(
                    key=f"'{text}' || {row}.{column}" if column else f"'{text}'",
                    there=f"{row}.{column} IS NOT NULL" if column else "1",
                )
                for text, column in watched.keys
                for row in (ROWS[event] if column else ROWS[event][-1:])
            )
            made[name] = (
                f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {VERBS[event]}{columns} ON {watched.table}"
                f"{when} BEGIN {body} END"
            )
    return made


def _postgresql_triggers() -> dict[tuple[str, str], str]:
    made = {}
    for number, watched in enumerate(WATCHED):
        for event in watched.events:
            name = f"articles_change_{number}_{event.lower()}"
            arguments = ", ".join(f"'{text}', '{column or ''}'" for text, column in watched.keys)
            made[name, watched.table] = (
                f"CREATE TRIGGER {name} AFTER {VERBS[event]} ON {watched.table} FOR EACH ROW"
                f"{_when(watched, event, 'IS DISTINCT FROM')} EXECUTE FUNCTION articles_change_note({arguments})"
            )
    return made


def _when(watched: Watched, event: str, differs: str) -> str:
    if watched.only:
        return f" WHEN ({watched.only})"
    if event == "U" and watched.columns:
        return f" WHEN ({' OR '.join(f'OLD.{column} {differs} NEW.{column}' for column in watched.columns)})"
    return ""


def _follow(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = list(triggers().values())
    else:
        statements = [*POSTGRESQL, *_postgresql_triggers().values()]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def _leave(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = [f"DROP TRIGGER IF EXISTS {name}" for name in triggers()]
    else:
        statements = [f"DROP TRIGGER {name} ON {table}" for name, table in _postgresql_triggers()] + NOT_ON_POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement, params=None)


def _follow_anew(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    with schema_editor.connection.cursor() as cursor:
        if on_sqlite:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'articles_change_[0-9]*'")
            gone = [f"DROP TRIGGER {name}" for (name,) in cursor.fetchall()]
        else:
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname ~ '^articles_change_[0-9]'")
            gone = [f"DROP TRIGGER {name} ON {table}" for name, table in cursor.fetchall()]
    for statement in [*gone, *(triggers() if on_sqlite else _postgresql_triggers()).values()]:
        schema_editor.execute(statement, params=None)


def follow_changes() -> migrations.RunPython:
    return migrations.RunPython(_follow, _leave)


def follow_changes_anew() -> migrations.RunPython:
    """The triggers of an older WATCHED go, those of today's come. Backwards nothing is done: the older migrations make
    today's as well."""
    return migrations.RunPython(_follow_anew, migrations.RunPython.noop)
