"""The archive and the ledger."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import now

from modeling import artifact, registry
from modeling.models import Deployment, ModelVersion
from modeling.tests.cast import TRAINED_AT, archived, card_bytes, promoted, the

pytestmark = pytest.mark.django_db


def test_it_names_a_version_by_the_second_it_was_trained():
    version = archived()
    assert version.version == int(TRAINED_AT.timestamp())
    assert (version.auc, version.n_train) == (0.78, 523)


def test_it_takes_the_next_free_number_when_two_were_trained_in_one_second():

    first, second = archived(base=0.2), archived(base=0.3)
    assert second.version == first.version + 1


def test_it_archives_the_same_bytes_once():
    assert archived().version == archived().version
    assert ModelVersion.objects.count() == 1


def test_it_refuses_bytes_that_no_process_would_load():
    with pytest.raises(artifact.ArtifactError):
        registry.register(
            data=b"{}", trained_at=TRAINED_AT, verdict="promote", reasons=[], comparison={}, origin="a test"
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE modeling_modelversion SET auc = 1",
        "DELETE FROM modeling_modelversion",
        "UPDATE modeling_deployment SET reason = 'another'",
        "DELETE FROM modeling_deployment",
    ],
)
def test_postgres_itself_refuses_to_rewrite_history(change):
    promoted()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_the_newest_deployment_is_the_champion():
    assert registry.champion() is None
    promoted(base=0.1)
    newest = promoted(base=0.2)
    assert registry.champion() == newest


def test_it_refuses_a_promotion_judged_against_another_champion():
    old = promoted(base=0.1)
    promoted(base=0.2)
    with pytest.raises(registry.ChampionChanged):
        registry.promote(
            version=archived(base=0.3).version, judged_against=old.pk, actor="ben", reason="late to the party"
        )


def test_going_back_twice_goes_back_two_versions():
    first, second, third = promoted(base=0.1), promoted(base=0.2), promoted(base=0.3)
    assert registry.roll_back(actor="ada", reason="wrong").version_id == second.version_id
    assert registry.roll_back(actor="ada", reason="still wrong").version_id == first.version_id
    with pytest.raises(registry.NothingToRollBackTo):
        registry.roll_back(actor="ada", reason="and further")
    assert (
        registry.roll_back(to=third.version_id, actor="ada", reason="it was fine").version_id
        == third.version_id
    )


def test_it_rolls_back_to_versions_that_served_and_no_others():
    promoted(base=0.1)
    held = archived(base=0.2, verdict="hold")
    with pytest.raises(registry.NeverServed):
        registry.roll_back(to=held.version, actor="ada", reason="hope")
    with pytest.raises(registry.UnknownVersion):
        registry.roll_back(to=1, actor="ada", reason="hope")
    forced = registry.force(version=held.version, actor="ada", reason="the gate is too strict today")
    assert (forced.kind, registry.champion()) == (Deployment.Kind.FORCE, forced)


@pytest.mark.parametrize(("actor", "reason"), [("", "why"), ("ada", " ")])
def test_a_person_says_who_and_why(actor, reason):
    version = archived()
    with pytest.raises(registry.ReasonMissing):
        registry.force(version=version.version, actor=actor, reason=reason)


def test_the_ledger_answers_what_served_at_any_moment():
    before = now()
    first = promoted(base=0.1)
    second = promoted(base=0.2)
    assert registry.live_at(before - timedelta(days=1)) is None
    assert registry.live_at(first.at) == first
    assert registry.live_at(now()) == second


@pytest.mark.django_db(transaction=True)
def test_eight_promoters_at_once_make_one_winner():
    judged_against = promoted(base=0.0).pk
    candidates = [archived(base=number / 10).version for number in range(1, 9)]

    def attempt(version: int) -> bool:
        try:
            registry.promote(
                version=version, judged_against=judged_against, actor="ada", reason="mine is best"
            )
        except registry.ChampionChanged:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, candidates))
    assert won.count(True) == 1
    assert Deployment.objects.count() == 2
    assert the(registry.champion()).version_id == candidates[won.index(True)]


def test_the_archive_keeps_the_very_bytes():
    version = archived(base=0.7)
    assert bytes(ModelVersion.objects.get(pk=version.version).artifact) == card_bytes(base=0.7)
