"""Text in Postgres scrubbed in place: what is declared as redacted text, and only that."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils.timezone import now

from leads.models import Lead, Message, Outcome
from modeling.models import Deployment, FeatureRule, ModelVersion, Prediction
from modeling.tests.cast import promoted
from privacy.fields import REDACTED
from privacy.kinds import WITHHELD
from privacy.scrubbing import columns
from privacy.scrubbing.columns import Judges
from privacy.scrubbing.tally import Problem, Tally
from privacy.scrubbing.values import Judge

pytestmark = pytest.mark.django_db
SSN, SAFE = "my ssn is 536-90-4399", "my ssn is [NATIONAL_ID]"


def scrub(*, write: bool = True) -> dict[str, Tally]:
    """Every table; what was seen of each column."""
    found: dict[str, Tally] = {}

    def saved(table: str, after: object, seen: dict[str, Tally]) -> None:
        for name, tally in seen.items():
            found.setdefault(f"{table}.{name}", Tally()).add(tally)

    for table in columns.tables():
        columns.scrub(table, Judges(), write=write, after=None, saved=saved)
    return found


@pytest.fixture
def lead() -> Lead:
    return Lead.objects.create(attributes={"note": SSN})


def test_it_finds_every_column_that_is_declared():
    found = {f"{table.name}.{field.name}" for table in columns.tables() for field in table.fields}
    assert {"leads.Outcome.note", "modeling.Deployment.reason", "modeling.FeatureRule.note"} <= found


def test_it_redacts_notes_and_leaves_the_rest_of_the_row(lead):
    raw = Outcome.objects.create(lead=lead, state="booked", note=SSN, source="ada@example.org")
    clean = Outcome.objects.create(lead=lead, state="booked", note="wants a sea view")
    before = {row["id"]: row for row in Outcome.objects.values()}
    tally = scrub()["leads.Outcome.note"]
    after = {row["id"]: row for row in Outcome.objects.values()}
    assert after == {raw.pk: {**before[raw.pk], "note": SAFE}, clean.pk: before[clean.pk]}
    assert (tally.values, tally.changed, tally.kinds) == (2, 1, {"NATIONAL_ID": 1})
    assert scrub()["leads.Outcome.note"].changed == 0


def test_what_models_learn_from_is_judged_by_name_and_form_and_else_left():
    facts = {"country": "Jordan", "city": "Charlotte", "visits": 3, "wanted_on": "2027-03-01", "sure": True}
    lead = Lead.objects.create(source="partner", attributes=facts | {"email": "ada@example.org"})
    Prediction.objects.create(
        lead=lead, features=facts | {"note": "call 415-555-0134", "lead.source": "fair"}
    )
    leaked = Lead.objects.create(source="ada@example.org")
    found = scrub()
    lead.refresh_from_db()
    leaked.refresh_from_db()
    assert lead.attributes == facts | {"email": "[EMAIL]"}
    assert Prediction.objects.get().features == facts | {"note": "call [PHONE]", "lead.source": "fair"}
    assert (lead.source, leaked.source) == ("partner", "[EMAIL]")
    assert (found["leads.Lead.attributes"].changed, found["leads.Lead.source"].changed) == (1, 1)
    again = scrub()
    assert not any(tally.changed for tally in again.values())


def test_a_dry_run_changes_nothing(lead):
    Outcome.objects.create(lead=lead, state="booked", note=SSN)
    assert scrub(write=False)["leads.Outcome.note"].changed == 1
    assert Outcome.objects.get().note == SSN


def test_many_rows_are_taken_in_batches(lead, monkeypatch):
    monkeypatch.setattr(columns, "BATCH", 3)
    Outcome.objects.bulk_create(Outcome(lead=lead, state="booked", note=SSN) for _ in range(10))
    assert scrub()["leads.Outcome.note"].changed == 10
    assert set(Outcome.objects.values_list("note", flat=True)) == {SAFE}


def test_what_is_written_meanwhile_stays(lead, monkeypatch):
    row = Outcome.objects.create(lead=lead, state="booked", note=SSN)
    judge, looked = Judge(), list[bytes]()

    class Slow(Judge):
        def value(self, raw: bytes, *, name: bytes = b"", depth: int = 0):
            if not looked:
                Outcome.objects.filter(pk=row.pk).update(note="changed by somebody")
            looked.append(raw)
            return judge.value(raw, name=name, depth=depth)

    [table] = [table for table in columns.tables() if table.model is Outcome]
    judges = Judges()
    judges.texts = Slow()
    columns.scrub(table, judges, write=True, after=None, saved=lambda *seen: None)
    assert looked == [SSN.encode(), b"changed by somebody"]
    assert Outcome.objects.get().note == "changed by somebody"


def test_the_ledger_lets_a_reason_be_redacted():
    promoted()
    last = Deployment.objects.latest("pk")
    Deployment.objects.create(
        version_id=last.version_id,
        kind="force",
        actor="ada",
        reason="Sarah Miller said 100% on (415) 555-0134",
    )
    tally = scrub()["modeling.Deployment.reason"]
    assert (tally.changed, tally.problems) == (1, {})
    assert Deployment.objects.latest("pk").reason == "[PERSON] said 100% on [PHONE]"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Sarah said so", "somebody else said so"),
        ("Sarah said so", "[PERSON] said no"),
        ("Sarah said so", "said so"),
        ("Sarah said so", "so said [PERSON]"),
        ("Sarah_said so", "[PERSON]%"),
        ("Sarah said so", "[person] said so"),
    ],
)
def test_the_ledger_refuses_every_other_change_of_a_reason(old, new):
    row = told(old)
    with pytest.raises(DatabaseError), transaction.atomic():
        Deployment.objects.filter(pk=row.pk).update(reason=new)


def test_the_ledger_refuses_a_redaction_that_changes_anything_else():
    row = told("Sarah said so")
    with pytest.raises(DatabaseError), transaction.atomic():
        Deployment.objects.filter(pk=row.pk).update(reason="[PERSON] said so", actor="nobody")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    Deployment.objects.filter(pk=row.pk).update(reason=f"{WITHHELD} so")


def told(reason: str) -> Deployment:
    """A line of the ledger."""
    promoted()
    version = ModelVersion.objects.latest("version")
    return Deployment.objects.create(version=version, kind="force", actor="ada", reason=reason)


def test_a_table_that_refuses_is_told(lead):
    Outcome.objects.create(lead=lead, state="booked", note=SSN)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER refuses BEFORE UPDATE ON leads_outcome "
            "FOR EACH ROW EXECUTE FUNCTION modeling_refuse_change()"
        )
    tally = scrub()["leads.Outcome.note"]
    assert (tally.changed, tally.problems) == (0, {Problem.REFUSED: 1})


def test_words_that_decided_are_no_answers(lead):
    said = Message.objects.create(
        lead=lead, position=1, role="lead", text="mail ada@example.org",
        sent_at=now(), received_at=now(), words={"intent": ["mem", "ada@example.org"]}, detector_version=1,
    )  # fmt: skip
    found = scrub()
    said.refresh_from_db()
    assert (said.text, said.words) == ("mail [EMAIL]", {"intent": ["mem", "[EMAIL]"]})
    assert found["leads.Message.text"].changed == found["leads.Message.words"].changed == 1


def test_a_note_that_grows_too_long_for_its_column_is_withheld():
    rule = FeatureRule.objects.create(name="a", note=("my pin is 1596 " * 40)[:495])
    tally = scrub()["modeling.FeatureRule.note"]
    rule.refresh_from_db()
    assert tally.changed == 1
    assert rule.note == WITHHELD


def test_no_text_of_people_is_kept_in_a_plain_column_called_note_or_reason():
    """Whoever adds one declares it, or it is never scrubbed."""
    ours = {"modeling.Decision.reason"}  # sentences of the product's own, of values that were judged
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if model._meta.app_label in ("customerops", "followups", "leads", "modeling", "privacy"):
                plain = isinstance(field, models.CharField | models.TextField) and not field.choices
                plain &= str(field) not in ours
                named = field.name in ("note", "reason", "text")
                assert not (plain and named) or isinstance(field, REDACTED), field
