"""A job is the delivery of an event that is there, booked as `events.delivery` books it, and nothing else.

Every role books jobs, because every role has news. Whoever breaks into one could otherwise leave a row that the worker
cannot read and comes back to for ever: nobody would hear any news again, no incident would open.
"""

from django.db import migrations

BOUND = """
ALTER TABLE procrastinate_jobs ADD CONSTRAINT events_job_is_a_delivery CHECK (
    queue_name = 'news' AND task_name = 'events.deliver'
    AND jsonb_typeof(args) = 'object' AND args ?& '{event_id,handler}' AND args - '{event_id,handler}'::text[] = '{}'
    AND jsonb_typeof(args->'event_id') = 'string' AND jsonb_typeof(args->'handler') = 'string'
    AND args->>'event_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AND length(args->>'handler') <= 120
);
CREATE FUNCTION senim_events_job_booked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.status, NEW.attempts, NEW.abort_requested) <> ('todo', 0, false)
        OR NEW.priority NOT BETWEEN -1 AND 1  -- `events.delivery.Urgency`
        OR num_nonnulls(NEW.lock, NEW.queueing_lock, NEW.scheduled_at, NEW.worker_id) > 0 THEN
        RAISE EXCEPTION 'permission denied: a job begins in the queue' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM events_event WHERE id = (NEW.args->>'event_id')::uuid) THEN
        RAISE EXCEPTION 'permission denied: a job delivers an event that is there'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER senim_events_job_booked AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW EXECUTE FUNCTION senim_events_job_booked();
"""
UNBOUND = """
DROP TRIGGER senim_events_job_booked ON procrastinate_jobs;
DROP FUNCTION senim_events_job_booked();
ALTER TABLE procrastinate_jobs DROP CONSTRAINT events_job_is_a_delivery;
"""


class Migration(migrations.Migration):
    """Add the check and the trigger to the queue's table."""

    dependencies = [("events", "0004_readable_rows"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [migrations.RunSQL(BOUND, UNBOUND)]
