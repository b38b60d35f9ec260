"""Each fault of the model, of privacy, of conversion and of the API: made, and put right again."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.utils.timezone import now

from benchmarks import world
from benchmarks.alerts.callers import pulses, repeating
from benchmarks.alerts.stack import Stack, replace_processes
from modeling import artifact, registry
from modeling.models import Deployment, LiveQuality, ModelVersion, RetrainRun

ACTOR, REASON = "a drill", "to see whether anybody notices"
LEADS = 400
HARMLESS = [{"text": "yes please, in the afternoon"}] * 250
PERSONAL = {"text": ", ".join(f"reach me at ada.{number}@example.org" for number in range(10))}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, the alert it must raise, and those that rightly come with it."""

    alert: str
    what: str
    made: Callable[[Stack], AbstractContextManager[None]]
    also: frozenset[str] = frozenset()


@contextlib.contextmanager
def forced(stack: Stack, *, auc: float = 0.78, n_train: int = world.N_TRAIN) -> Iterator[None]:
    """Somebody forces a version past the gate."""
    card = replace(world.card(), n_train=n_train, base=auc)  # another base: other bytes
    document = artifact.document_of(card=card, judged=None, auc=auc, metrics={}, recipe={})
    version = registry.register(
        data=artifact.dump(document),
        trained_at=now(),
        verdict="reject",
        reasons=[],
        comparison={},
        origin=ACTOR,
    )
    with _deployed(version):
        yield


@contextlib.contextmanager
def disappointing(stack: Stack) -> Iterator[None]:
    """The night measured what became of 300 leads: the version that serves orders them badly, surely."""
    serving = _serving()
    LiveQuality.objects.create(
        version_id=serving.version_id, span=LiveQuality.Span.RECENT, starts=now().date(), ends=now().date(),
        leads=300, converted=90, rate=0.3, mean_score=0.3, auc=0.57, auc_low=0.5, auc_high=0.64,
        expected_auc=0.7, brier=0.21, log_loss=0.6, ece=0.05,
    )  # fmt: skip
    try:
        yield
    finally:
        LiveQuality.objects.filter(version_id=serving.version_id).delete()


@contextlib.contextmanager
def unloadable(stack: Stack) -> Iterator[None]:
    """The bytes of the version that serves are spoiled, and the processes are replaced."""
    version = ModelVersion.objects.create(
        version=int(now().timestamp()), artifact=b"{}", sha256="0" * 64, trained_at=now(), auc=0.78,
        n_train=world.N_TRAIN, verdict="promote", origin=ACTOR,
    )  # fmt: skip
    with _deployed(version):
        replace_processes()
        yield


@contextlib.contextmanager
def _deployed(version: ModelVersion) -> Iterator[None]:
    good = _serving()
    registry.force(version=version.pk, actor=ACTOR, reason=REASON)
    try:
        yield
    finally:
        registry.roll_back(to=good.version_id, actor=ACTOR, reason="seen", kind=Deployment.Kind.AUTO_ROLLBACK)


def _serving() -> Deployment:
    found = registry.champion()
    assert found is not None  # noqa: S101 - the stack starts with one
    return found


@contextlib.contextmanager
def no_training(stack: Stack) -> Iterator[None]:
    """The newest completed run is 27 hours old."""
    RetrainRun.objects.update(completed_at=now() - timedelta(hours=27))
    try:
        yield
    finally:
        RetrainRun.objects.update(completed_at=now())


@contextlib.contextmanager
def slow_scores(stack: Stack) -> Iterator[None]:
    """Another program locks the table of leads for a quarter of a second, again and again."""
    lead = {"attributes": {"visits": 3}}
    with (
        pulses(partial(locked, "leads_lead"), held=0.25, pause=0.02),
        stack.caller.calling("/v1/leads", lead, each=0.01, callers=3),
    ):
        yield


@contextlib.contextmanager
def personal(stack: Stack) -> Iterator[None]:
    """Somebody pours lists of addresses into a conversation."""
    [lead] = stack.caller.leads(1)
    with stack.caller.calling(f"/v1/leads/{lead}/messages", PERSONAL, each=0.3):
        yield


@contextlib.contextmanager
def nothing_personal(stack: Stack) -> Iterator[None]:
    """Hundreds of messages, and none has anything that would have to be taken out."""
    for lead in stack.caller.leads(3):
        stack.caller.post(f"/v1/leads/{lead}/messages", HARMLESS)
    yield


@contextlib.contextmanager
def ending(stack: Stack, *, states: tuple[str, ...]) -> Iterator[None]:
    """Leads end one after the other, in these states by turns."""
    ends = zip(stack.caller.leads(LEADS), itertools.cycle(states), strict=False)

    def one() -> None:
        if end := next(ends, None):
            stack.caller.post(f"/v1/leads/{end[0]}/outcome", {"state": end[1]})

    with repeating(one, each=0.05):
        yield


@contextlib.contextmanager
def missing_table(stack: Stack) -> Iterator[None]:
    """A migration went wrong: a table has another name."""
    [lead] = stack.caller.leads(1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_outcome RENAME TO leads_outcome_new")
        try:
            with stack.caller.calling(f"/v1/leads/{lead}/outcome", {"state": "booked"}, each=0.2):
                yield
        finally:
            cursor.execute("ALTER TABLE leads_outcome_new RENAME TO leads_outcome")


@contextlib.contextmanager
def slow_table(stack: Stack) -> Iterator[None]:
    """Another program locks the table of outcomes for seconds."""
    [lead] = stack.caller.leads(1)
    path, body = f"/v1/leads/{lead}/outcome", {"state": "booked"}
    with (
        pulses(partial(locked, "leads_outcome"), held=2.5, pause=0.05),
        stack.caller.calling(path, body, each=0.01, callers=4),
    ):
        yield


@contextlib.contextmanager
def locked(table: str) -> Iterator[None]:
    """Nobody else reads or writes the table."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        connection.close()  # of this thread


def settle() -> None:
    """What is true of a product that has run for a while: last night's training came to a verdict."""
    RetrainRun.objects.create(slot="nightly", trigger="beat", status="completed", completed_at=now())


LEARNED_LITTLE = partial(forced, n_train=60)
NOBODY_BOOKS = partial(ending, states=("qualified", "nurture"))
MOST_GHOST = partial(ending, states=("ghosted", "ghosted", "booked"))

FAULTS = (
    Fault("LeadModelAUCDegraded", "300 matured leads say that the AUC is below 0.65", disappointing),
    Fault(
        "LeadModelAUCCritical", "a version with an AUC of 0.51 is forced", partial(forced, auc=0.51),
        also=frozenset({"LeadModelAUCDegraded"}),
    ),
    Fault("LeadPredLatencyHigh", "the table of leads is locked 250 ms at a time", slow_scores),
    Fault("LeadModelNotLoaded", "the version's bytes are spoiled and processes replaced", unloadable),
    Fault("LeadModelTrainDataLow", "a version that learned from 60 leads is forced", LEARNED_LITTLE),
    Fault("LeadModelStale", "no training run has completed for 27 hours", no_training),
    Fault("PIIRedactionSpike", "messages full of e-mail addresses", personal),
    Fault("PIIRedactionsZero", "750 messages without anything personal", nothing_personal),
    Fault("LeadConversionRateDrop", "leads end, none books", NOBODY_BOOKS),
    Fault("LeadGhostRateHigh", "two of three fall silent", MOST_GHOST),
    Fault("APIErrorRateHigh", "a table has another name", missing_table),
    Fault("APILatencyHigh", "the table of outcomes is locked 2.5 s at a time", slow_table),
)  # fmt: skip
