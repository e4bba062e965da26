"""What was filed and what was told of it is never changed; filings follow each other and are written when they are said."""

from django.db import migrations

GUARD = """
CREATE FUNCTION senim_annual_report_filed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.at NOT BETWEEN clock_timestamp() - interval '5 minutes' AND clock_timestamp() + interval '5 minutes'
        OR NEW.as_of > NEW.at THEN
        RAISE EXCEPTION 'a filing is written when it is said' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.number <> 1 + (SELECT count(*) FROM annual_report_filing WHERE year = NEW.year) THEN
        RAISE EXCEPTION 'filings of a year follow each other' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER filed BEFORE INSERT ON annual_report_filing
    FOR EACH ROW EXECUTE FUNCTION senim_annual_report_filed();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON annual_report_filing
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON annual_report_filing
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON annual_report_report
    FOR EACH ROW EXECUTE FUNCTION senim_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON annual_report_report
    FOR EACH STATEMENT EXECUTE FUNCTION senim_append_only();
"""
RELEASE = """
DROP TRIGGER filed ON annual_report_filing; DROP TRIGGER append_only_rows ON annual_report_filing;
DROP TRIGGER append_only_table ON annual_report_filing; DROP TRIGGER append_only_rows ON annual_report_report;
DROP TRIGGER append_only_table ON annual_report_report; DROP FUNCTION senim_annual_report_filed();
"""


class Migration(migrations.Migration):
    """The triggers."""

    dependencies = [("annual_report", "0001_initial"), ("audit", "0002_append_only")]

    operations = [migrations.RunSQL(GUARD, RELEASE)]
