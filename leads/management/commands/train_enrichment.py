"""`manage.py train_enrichment`: the shipped models, from our own texts and those of others. No database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from leads.enrichment import SHIPPED
from leads.training import shipping
from leads.understanding.artifact import digest, dump, load
from privacy.management.folders import data_folder


class Command(BaseCommand):
    """Says the digest; `--write` also replaces the models of the repository."""

    help = "Train the models that read messages."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Without the data folder only our own texts are learned from."""
        parser.add_argument("--data", type=Path, help="folder of texts by others; else CUSTOMEROPS_DATA")
        parser.add_argument("--own", action="store_true", help="learn from our own texts only")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--write", action="store_true", help=f"replace {SHIPPED.name}")

    def handle(self, *args: Any, **options: Any) -> str:
        """Fit, check, keep, tell."""
        folder = None if options["own"] else data_folder(options["data"])
        texts = shipping.examples(folder, seed=options["seed"])
        credits = shipping.credits_of(folder)
        data = dump(shipping.trained(texts, credits=credits, seed=options["seed"]))
        sha256 = digest(data)
        load(data, sha256)
        if options["write"]:
            SHIPPED.write_bytes(data)
            SHIPPED.with_suffix(".sha256").write_text(f"{sha256}\n", encoding="ascii")
        return f"{len(texts):,} texts, {len(data):,} bytes, sha256 {sha256}"
