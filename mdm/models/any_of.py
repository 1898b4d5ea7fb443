"""`filter(id__any=numbers)`: like `__in`, with all values in one parameter.

PostgreSQL plans and runs both alike; a statement of a thousand parameters costs Django and psycopg some milliseconds to write.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler


class AnyOf(Lookup):  # type: ignore[type-arg]  # Django lets nobody subscript it at run time
    """`rhs`: values of the column, in any collection. None at all: no row, no query."""

    lookup_name = "any"

    def get_prep_lookup(self) -> list[Any]:
        return list(self.rhs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        left, values = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::{self.lhs.output_field.db_type(connection)}[])", [*values, self.rhs]
