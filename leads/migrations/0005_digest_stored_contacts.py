"""Contacts that are there already can be found by e-mail and phone, too."""

from django.db import migrations


def digest(apps, schema_editor):
    from leads.naming import digest_contacts

    digest_contacts()


class Migration(migrations.Migration):
    atomic = False  # a piece at a time: what was done stays done

    dependencies = [("leads", "0004_find_people_by_digest")]

    operations = [migrations.RunPython(digest, migrations.RunPython.noop)]
