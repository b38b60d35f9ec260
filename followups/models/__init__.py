"""Follow-ups in Postgres: what policies say, whom they took in, each step's row, which is the queue."""

from followups.models.jobs import Enrolment, FollowUp, PolicyDay, Reason, Status, Trigger
from followups.models.policies import Policy, PolicyVersion, Switch
from followups.models.receivers import Receiver

__all__ = [
    "Enrolment",
    "FollowUp",
    "Policy",
    "PolicyDay",
    "PolicyVersion",
    "Reason",
    "Receiver",
    "Status",
    "Switch",
    "Trigger",
]
