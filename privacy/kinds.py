"""Closed sets, all metric labels: what is recognized, why a text is withheld, where texts come in."""

from enum import StrEnum

DETECTOR_VERSION = 2  # raise it when recognizers change, so that kept text can be scrubbed again


class Kind(StrEnum):
    """What a stretch of text is; `[EMAIL]` stands in its place."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CARD = "CARD"
    IBAN = "IBAN"
    NATIONAL_ID = "NATIONAL_ID"
    IP = "IP"
    MAC = "MAC"
    URL = "URL"
    SECRET = "SECRET"  # noqa: S105 - password, PIN, one-time code, answer to a secret question
    ACCOUNT = "ACCOUNT"  # account, order, booking, policy, claim, ticket and record numbers
    BIRTH_DATE = "BIRTH_DATE"
    ADDRESS = "ADDRESS"
    POSTCODE = "POSTCODE"
    PERSON = "PERSON"
    USERNAME = "USERNAME"
    VEHICLE = "VEHICLE"
    DEVICE = "DEVICE"
    NUMBER = "NUMBER"  # a long number, or a bare one, that nothing around it explains
    DATA = "DATA"  # data: URIs and long base64

    @property
    def placeholder(self) -> str:
        """What is written instead."""
        return f"[{self.value}]"


LONGEST = 100_000  # characters; a longer text is withheld
WITHHELD = "[WITHHELD]"
PLACEHOLDERS = frozenset({kind.placeholder for kind in Kind} | {WITHHELD})


class Reason(StrEnum):
    """Why a text was withheld."""

    OVERSIZE = "oversize"
    TIMEOUT = "timeout"
    ERROR = "error"


class Surface(StrEnum):
    """Which free text of people it is."""

    MESSAGE = "message"
    LEAD_ATTRIBUTES = "lead_attributes"
    OUTCOME_NOTE = "outcome_note"
    DEPLOYMENT_REASON = "deployment_reason"
    RULE_NOTE = "rule_note"
    ERASURE_REASON = "erasure_reason"
    HOLD_REASON = "hold_reason"
    SWITCH_REASON = "switch_reason"
    FOLLOWUP_DETAIL = "followup_detail"
    FOLLOWUP_PREVIEW = "followup_preview"
    STOP_REASON = "stop_reason"
