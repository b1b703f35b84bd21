"""Triggers that make a table grow only: the database itself refuses to change or delete a row of it."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{name} is written once: it can not be changed or deleted.'); END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION {table}_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{name} is written once: it can not be changed or deleted.' USING ERRCODE = 'restrict_violation'; END
$$
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_is_written_once()
"""


def grows_only(table: str, name: str) -> migrations.RunPython:
    """`name` begins the sentence of the refusal: "An edition". Going back removes the refusal and nothing else."""
    return migrations.RunPython(*_on_and_off(table, name))


def may_change(table: str, name: str) -> migrations.RunPython:
    """Takes the triggers of `grows_only` off, for a migration that changes the table; a later one puts them on again."""
    on, off = _on_and_off(table, name)
    return migrations.RunPython(off, on)


def _on_and_off(table: str, name: str):
    def refuse_changes(apps, schema_editor):
        on_sqlite = schema_editor.connection.vendor == "sqlite"
        if not on_sqlite:
            schema_editor.execute(POSTGRESQL_FUNCTION.format(table=table, name=name))
        for verb in ("UPDATE", "DELETE"):
            trigger = SQLITE if on_sqlite else POSTGRESQL_TRIGGER
            schema_editor.execute(trigger.format(table=table, name=name, verb=verb))

    def allow_changes(apps, schema_editor):
        on_sqlite = schema_editor.connection.vendor == "sqlite"
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}" + ("" if on_sqlite else f" ON {table}"))
        if not on_sqlite:
            schema_editor.execute(f"DROP FUNCTION {table}_is_written_once()")

    return refuse_changes, allow_changes
