"""Postgres itself refuses to change or remove an archived version or a line of the ledger."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION modeling_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER modeling_modelversion_immutable BEFORE UPDATE OR DELETE ON modeling_modelversion
    FOR EACH ROW EXECUTE FUNCTION modeling_refuse_change();
CREATE TRIGGER modeling_deployment_append_only BEFORE UPDATE OR DELETE ON modeling_deployment
    FOR EACH ROW EXECUTE FUNCTION modeling_refuse_change();
"""

BACKWARD = """
DROP TRIGGER modeling_deployment_append_only ON modeling_deployment;
DROP TRIGGER modeling_modelversion_immutable ON modeling_modelversion;
DROP FUNCTION modeling_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("modeling", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
