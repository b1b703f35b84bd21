"""Keeps what patients search for out of PostgreSQL's own log.

Django writes the words of a query into its statements, so a server that notes slow statements, or statements that failed or
took too long, writes down who is worried about what. Those settings belong to the server; only its superuser may change them
for the account that the library signs in with.
"""

from django.db import connection, transaction
from django.db.utils import ProgrammingError

# What each is to be: https://www.postgresql.org/docs/current/runtime-config-logging.html
SILENT = {
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_min_error_statement": "panic",
}


def silence() -> str:
    """Switch the log of statements off for the library's account, from its next connection on.

    Returns an empty text when it is off, or a sentence with what the superuser of PostgreSQL is to run. Another database
    has no such log.
    """
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, name, setting FROM pg_settings WHERE name = ANY(%s)", [[*SILENT]])
        statements = [
            f"ALTER ROLE {connection.ops.quote_name(account)} SET {name} = {SILENT[name]};"
            for account, name, setting in cursor.fetchall()
            if setting != SILENT[name]
        ]
        try:
            with transaction.atomic():
                for statement in statements:
                    cursor.execute(statement)
        except ProgrammingError:  # insufficient privilege
            return "PostgreSQL may write down what patients search for. Have its superuser run: " + " ".join(statements)
    return ""
