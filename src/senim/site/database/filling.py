"""A year's records in a house made for a benchmark: rows as the house itself would have written them, in one go.

They are made up and lie in the house of a benchmark, which is thrown away; triggers and constraints hold as anywhere.
"""

from datetime import date

import psycopg

from senim.kit.instance import Instance
from senim.site.database.connections import server
from senim.site.database.roles import OWNER
from senim.site.database.schema import owner_password

SOURCES = 20
_INCIDENTS = """
INSERT INTO incidents_incident (id, year, serial, kind, target, actor, account, opened_at, first_event_at,
    last_event_at, alert_count, event_count, state, revision)
SELECT gen_random_uuid(), %(year)s, n, 1 + n %% 6, 'core-' || n, '192.0.2.1', '', at, at, at, 1, 20, 'open', 0
FROM (SELECT n, %(first)s::date + (n %% 360) * interval '1 day' + interval '12 hours' AS at
      FROM generate_series(1, %(incidents)s) AS n) AS opened;
"""
_MESSAGES = """
INSERT INTO asoi_message (id, kind, about, sequence, exercise, told, created_at, state, sha256, refusal, tries,
    next_try_at)
SELECT gen_random_uuid(), 'IncidentNotice', 'incident:' || id, 1, false, '{}', opened_at, 'queued', '', '', 0, opened_at
FROM incidents_incident WHERE year = %(year)s;
UPDATE asoi_message SET state = 'sealed', content = 'x', signed = 'x', sealed = 'x', sha256 = repeat('0', 64),
    sealed_at = created_at WHERE state = 'queued' AND created_at < %(first)s::date + 366;
INSERT INTO asoi_receipt (message_id, sealed, signed, content, received_at, signer, accepted_at, came_by)
SELECT id, 'x', 'x', 'x', created_at, 'x', created_at, 'https' FROM asoi_message WHERE signed = 'x';
UPDATE asoi_message SET state = 'delivered', first_sent_at = created_at,
    delivered_at = created_at + interval '400 milliseconds' WHERE signed = 'x';
"""
_WITHDRAWN = """
INSERT INTO incidents_act (id, incident_id, revision, deed, reason, by_id, at)
SELECT gen_random_uuid(), id, 1, '{"deed": "withdraw"}', 'none', (SELECT id FROM identity_account LIMIT 1), opened_at
FROM incidents_incident WHERE year = %(year)s AND serial %% 10 = 0;
INSERT INTO incidents_actoutcome (act_id, at, refusal)
SELECT act.id, act.at, '' FROM incidents_act AS act JOIN incidents_incident AS one ON one.id = act.incident_id
WHERE one.year = %(year)s;
UPDATE incidents_incident SET state = 'withdrawn', revision = 1 WHERE year = %(year)s AND serial %% 10 = 0;
"""
_LINES = """
INSERT INTO telemetry_ledger (source, epoch, kind, host, next_seq, lines, flaws, bytes_cut, unfinished, formless,
    opened_at, counted_on)
SELECT 'bench-' || n, 'e1', 'sshd', 'host-' || n, each + 1, each, '{}', 0, '', 0, %(first)s::date, %(first)s::date + 364
FROM generate_series(1, %(sources)s) AS n, (SELECT %(lines)s::bigint / %(sources)s AS each) AS share;
INSERT INTO telemetry_dayend (ledger_id, day, lines)
SELECT ledger.id, %(first)s::date + n, ledger.lines * (n + 1) / 365 FROM telemetry_ledger AS ledger,
    generate_series(0, 363) AS n WHERE ledger.source LIKE 'bench-%%';
"""


def fill_year(instance: Instance, year: int, *, incidents: int, lines: int) -> None:
    """Write `incidents` incidents of `year`, each received, a tenth withdrawn, and `lines` lines of 20 sources."""
    where = server(instance)
    said = {"year": year, "first": date(year, 1, 1), "incidents": incidents, "lines": lines, "sources": SOURCES}
    with psycopg.ClientCursor(
        psycopg.connect(
            host=where.host, port=where.port, dbname=where.name, user=OWNER, password=owner_password(instance)
        )
    ) as cursor:
        with cursor.connection:
            for statements in (_INCIDENTS, _MESSAGES, _WITHDRAWN, _LINES):
                cursor.execute(statements, said)
