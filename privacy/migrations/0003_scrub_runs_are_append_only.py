"""Postgres itself refuses to change or remove the certificate of a scrub."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION privacy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER privacy_scrubrun_append_only BEFORE UPDATE OR DELETE ON privacy_scrubrun
    FOR EACH ROW EXECUTE FUNCTION privacy_refuse_change();
"""

BACKWARD = """
DROP TRIGGER privacy_scrubrun_append_only ON privacy_scrubrun;
DROP FUNCTION privacy_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_scrub_runs")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
