"""The ledger stays append-only, but for one thing: personal details in a reason may be replaced by placeholders.

Whatever else an update changes is refused, and so is a reason that says anything the old one did not: its text
around the placeholders must be in the old reason, in the same order.
"""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION modeling_is_redaction(old_text text, new_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT new_text ~ '\[[A-Z_]+\]' AND old_text LIKE regexp_replace(
        regexp_replace(new_text, '([\\%_])', '\\\1', 'g'), '\[[A-Z\\_]+\]', '%', 'g')
$$;
CREATE FUNCTION modeling_refuse_all_but_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason' AND modeling_is_redaction(OLD.reason, NEW.reason) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER modeling_deployment_append_only ON modeling_deployment;
CREATE TRIGGER modeling_deployment_append_only BEFORE UPDATE OR DELETE ON modeling_deployment
    FOR EACH ROW EXECUTE FUNCTION modeling_refuse_all_but_redaction();
"""

BACKWARD = """
DROP TRIGGER modeling_deployment_append_only ON modeling_deployment;
CREATE TRIGGER modeling_deployment_append_only BEFORE UPDATE OR DELETE ON modeling_deployment
    FOR EACH ROW EXECUTE FUNCTION modeling_refuse_change();
DROP FUNCTION modeling_refuse_all_but_redaction();
DROP FUNCTION modeling_is_redaction(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("modeling", "0005_reasons_and_notes_are_redacted_text")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
