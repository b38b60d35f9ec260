"""A model that learned from a person is named, and the next one has not seen them."""

import pytest
from django.utils.timezone import now
from django_celery_beat.models import PeriodicTask

from customerops.tests.people import erased
from leads.models import Lead
from modeling import retraining
from modeling.models import ModelVersion
from modeling.tests.cast import past_leads, the


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_next_training_leaves_an_erased_person_out(settings, tmp_path):
    settings.VAR_DIR, settings.TUNING_SECONDS = tmp_path, 0.0
    PeriodicTask.objects.all().delete()
    past_leads()
    first = trained()
    # The oldest: matured and settled, so it was learned from for sure.
    oldest = Lead.objects.order_by("created_at").first()
    receipt = erased(lead=str(oldest.pk)).receipt
    assert receipt.model_versions == [first.version]
    second = trained()
    assert second.n_train == first.n_train - 1
    assert second.sha256 != first.sha256


def trained() -> ModelVersion:
    run = the(retraining.run(retraining.request_by(person="ada", now=now()).pk))
    return ModelVersion.objects.get(pk=the(run.version_id))
