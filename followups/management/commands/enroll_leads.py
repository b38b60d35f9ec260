"""`manage.py enroll_leads`: a policy takes in leads that came before it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from followups.enrolling import enrol_chosen
from followups.models import Policy
from followups.policies import PolicyError
from leads.models import Lead

CHUNK = 2000


class Command(BaseCommand):
    """Only leads that the policy means; none twice, none that ended or opted out."""

    help = "Enrol stored leads in a policy that is switched on. Their first step counts from now."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom."""
        parser.add_argument("--policy", required=True, metavar="NAME")
        parser.add_argument("--source", metavar="SOURCE", help="only leads from there")
        parser.add_argument("--dry-run", action="store_true", help="enrol nobody, tell how many are meant")

    def handle(self, *args: Any, **options: Any) -> str:
        """Enrol, tell."""
        policy = Policy.objects.filter(name=options["policy"]).first()
        if policy is None:
            raise CommandError(f"there is no policy named {options['policy']!r}")
        leads = Lead.objects.filter(source=options["source"]) if options["source"] else Lead.objects.all()
        ids = leads.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK)
        try:
            asked = enrol_chosen(
                ids, policy=policy, actor="enroll_leads", now=now(), dry_run=options["dry_run"]
            )
        except PolicyError as error:
            raise CommandError(str(error)) from error
        told = f"{asked.chosen:,} leads, {asked.meant:,} of them meant by {policy}"
        if options["dry_run"]:
            return f"Dry run: {told}; nobody was enrolled."
        return f"{told}: {asked.enrolled:,} enrolled, {asked.held_out:,} of these held out."
