"""`manage.py tombstones`: what keeps erased people away, for a copy outside of this installation."""

from typing import Any

from django.core.management.base import BaseCommand

from privacy import gravestones


class Command(BaseCommand):
    """Digests alone, each sealed: nobody without a key can read or make one."""

    help = "Print the tombstones of erased people, one a line, for `erase_again --copy` after a restore."

    def handle(self, *args: Any, **options: Any) -> str:
        """All that Postgres or a copy holds."""
        return "\n".join(gravestones.lines())
