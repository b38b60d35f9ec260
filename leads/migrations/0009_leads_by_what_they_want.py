"""An index for the list of the best leads that wrote about one thing."""

from django.db import migrations, models
from django.db.models.fields.json import KT


class Migration(migrations.Migration):
    dependencies = [("leads", "0008_enrichment_models")]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                KT("signals__message.intent"),
                models.F("probability").desc(nulls_last=True),
                name="lead_wants",
                condition=models.Q(("signals__has_key", "message.intent")),
            ),
        )
    ]
