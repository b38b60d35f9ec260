"""`python -m benchmarks.followups`: the queue with 1,000,000 steps that wait and 10,000,000 that were sent.

Its throw-away servers wait for no disk. Of what waits, half is due in policies that are on, a fifth in one
that is off. Claims and completions are measured beside pgbench, which runs the same statements.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.utils.timezone import now

from benchmarks import sinks, throwaway
from benchmarks.ports import free_port, wait_until_open
from benchmarks.servers import GOODBYE_SECONDS
from benchmarks.timing import spread, timed
from customerops.embedded.postgres import bin_dir
from followups import channels, policies
from followups.claiming import CLAIM, claim, reclaim
from followups.completing import COMPLETE, Completion, Result, complete
from followups.dispatching import Dispatcher
from followups.management.commands.send_due import SWITCH_SECONDS
from followups.metrics import FollowUpCollector
from leads import conversation
from leads.conversation import Told

WAITING, SENT = 1_000_000, 10_000_000
STEPS = 20
POLICIES = ("on", "also on", "off")
BATCH = 128
CLAIMED = 64  # as many as a dispatcher claims at once
TRIES = 300
CYCLED, SENDS = 100_000, 10_000  # steps
BODY = (
    "Hi {{ first_name|default:'there' }}, you asked for a room. Is there anything that we can help you with?"
    " Write back, and we hold the offer for you until tomorrow."
)

PLAIN = BODY.partition("}}, ")[2]  # for pgbench, to which a colon is the beginning of a variable
LEADS = """
    INSERT INTO leads_lead (id, source, attributes, timezone, created_at, recorded_at, matures_at, grade)
    SELECT md5('lead' || n)::uuid, '', '{}', 'UTC', now(), now(), now(), ''
    FROM generate_series(1, %(leads)s) AS n
"""
ENROLMENTS = """
    INSERT INTO followups_enrolment (lead_id, policy_id, version_id, trigger, held_out, turns_heard,
                                     enrolled_at, stopped_by)
    SELECT lead.id, version.policy_id, version.id, 'created', false, 0, now(), ''
    FROM leads_lead AS lead, followups_policyversion AS version
"""
# Rows are numbered: lead by lead, in each of them policy by policy, step by step. What is due was planned for
# one moment, as by quiet hours: else a lead's later step would make those before it too late.
ROWS = """
    INSERT INTO followups_followup (id, lead_id, policy_id, step, channel, planned_at, due_at, status, reason,
                                    detail, changed_at, attempts, fence, claimed_by, sent_at, receipt)
    SELECT gen_random_uuid(), md5('lead' || 1 + n %% %(leads)s)::uuid, policy.id, 1 + n / %(leads)s / 3,
           'local', least(due_at, now() - interval '1 hour'), due_at, status, '', '', now(), 0, 0, '',
           CASE WHEN status = 'sent' THEN due_at END, ''
    FROM generate_series(0, %(rows)s - 1) AS n
    CROSS JOIN LATERAL (SELECT n < %(sent)s AS was_sent, n %% 10 AS kind) AS one
    CROSS JOIN LATERAL (
        SELECT CASE WHEN was_sent THEN 'sent' ELSE 'pending' END AS status,
               CASE WHEN was_sent THEN now() - interval '90 days' * random()
                    WHEN kind < 7 THEN now() - interval '1 hour' * random()
                    ELSE now() + interval '30 days' * random() END AS due_at
    ) AS moment
    JOIN followups_policy AS policy
      ON policy.name = CASE n / %(leads)s %% 3 WHEN 0 THEN 'on' WHEN 1 THEN 'also on' ELSE 'off' END
"""


def main() -> None:
    """Fill, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of rows")
    asked = parser.parse_args()
    with throwaway.servers(durable=False):
        for line in _told(asked.scale):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def _told(scale: float) -> Iterator[str]:
    waiting, sent = int(WAITING * scale), int(SENT * scale)
    seconds = timed(lambda: _fill(waiting, sent))[1]
    yield f"{waiting:,} steps wait, {sent:,} were sent (made in {seconds:.0f} s)"
    yield spread(f"claim {CLAIMED} of them", _claims(min(TRIES, waiting // 10 // CLAIMED)))
    yield spread("look for leases that ended", _reclaims())
    yield spread("the metrics that are rows", _scrapes())
    batches = min(CYCLED, waiting // 10) // BATCH
    ours, theirs = _cycles(batches), _pgbench(batches)
    yield f"{'claimed and completed, by us':<40} {ours:8,.0f} /s"
    yield f"{'the same statements, by pgbench':<40} {theirs:8,.0f} /s   ours is {ours / theirs:.2f} of it"
    sends, cpu = _sends(min(SENDS, waiting // 10))
    yield (
        f"{'sent to a receiver that takes 10 ms':<40} {sends:8,.0f} /s   by one process, "
        f"{1e6 * cpu:.0f} µs of CPU each"
    )


def _fill(waiting: int, sent: int) -> None:
    channels.__path__.extend(sinks.__path__)
    channels.channels.cache_clear()  # the metrics have asked for all already
    document = {
        "steps": [{"after": f"{hours}h", "channel": "local", "body": BODY} for hours in range(1, STEPS + 1)],
        "hours": {"quiet": []},
        "caps": {"lead_per_day": None},
    }
    for name in POLICIES:
        version = policies.create(name=name, document=document, author="bench", now=now())
        policies.throw_switch(policy=version.policy, on=name != "off", actor="bench", now=now())
    rows = waiting + sent
    sizes = {"rows": rows, "sent": sent, "leads": rows // (len(POLICIES) * STEPS) + 1}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no look-up for each key
        for statement in (LEADS, ENROLMENTS, ROWS):
            cursor.execute(statement, sizes if "%(" in statement else None)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _claims(tries: int) -> list[float]:
    return [timed(lambda: claim(worker="bench", now=now(), most=CLAIMED))[1] for _ in range(tries)]


def _reclaims() -> list[float]:
    while reclaim(now=now()):
        pass
    return [timed(lambda: reclaim(now=now()))[1] for _ in range(TRIES)]


def _scrapes() -> list[float]:
    collector = FollowUpCollector()
    return [timed(lambda: list(collector.collect()))[1] for _ in range(20)]


def _cycles(batches: int) -> float:
    """Rows a second that are claimed, and completed as sent with a turn of their conversation."""
    done, started = 0, time.perf_counter()
    for _ in range(batches):
        at = now()
        sent = [
            Completion(
                id=one.id, fence=one.fence, lead_id=one.lead_id, channel="local", result=Result.SENT, at=at,
                receipt="HTTP 200",
                said=Told(lead=one.lead_id, text=BODY, sent_at=at, digests=[uuid4()]),
            )
            for one in claim(worker="bench", now=at, most=BATCH)
        ]  # fmt: skip
        done += len(complete(completions=sent, now=at).written)
    return done / (time.perf_counter() - started)


def _pgbench(batches: int) -> float:
    database: dict[str, Any] = settings.DATABASES["default"]
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_script())
        script.flush()
        told = subprocess.run(
            [
                str(bin_dir() / "pgbench"), "-n", "-M", "prepared", "-t", str(batches), "-f", script.name,
                "-h", database["HOST"], "-U", database["USER"], database["NAME"],
            ],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", told)
    return float(found[1]) * BATCH if found else 0.0


def _script() -> str:
    """What `_cycles` sends, as pgbench reads it; the answer of the claim is gathered by Postgres itself."""
    taking, _, _ = CLAIM.sql.rpartition("SELECT id, fence, lead_id FROM claimed")
    claim = _filled(taking + _GATHER, "clock_timestamp()", str(BATCH), "'pgbench'")
    told = conversation.telling([], now=None)  # type: ignore[arg-type] # only its statement is read
    lines = [
        claim + " \\gset",
        "BEGIN;",
        f"{_HOLD};",
        _filled(COMPLETE.sql, ":rows") + ";",
        _filled(told.prepared.sql, "2", "clock_timestamp()", ":turns") + ";",
        "COMMIT;",
    ]
    return "\n".join(" ".join(line.split()) for line in lines) + "\n"


_HOLD = """
    SELECT id FROM leads_lead WHERE id = ANY (:leads::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
_GATHER = f"""
    SELECT array_agg(lead_id) AS leads,
        jsonb_agg(jsonb_build_object('id', id, 'fence', fence, 'status', 'sent', 'reason', '', 'detail', '',
            'receipt', 'HTTP 200', 'sent_at', clock_timestamp(), 'at', clock_timestamp())) AS rows,
        jsonb_agg(jsonb_build_object('place', 1, 'lead', lead_id, 'text', '{PLAIN}',
            'sent_at', clock_timestamp(), 'digests', jsonb_build_array(gen_random_uuid()))) AS turns
    FROM claimed
"""  # noqa: S608 - a text of ours


def _filled(sql: str, *values: str) -> str:
    for number, value in enumerate(values, 1):
        sql = sql.replace(f"${number}::", f"{value}::")
    return sql


def _sends(number: int) -> tuple[float, float]:
    """How many a second, and the seconds of CPU that each takes this process, word lists being there."""
    conversation.get_ready()
    sys.setswitchinterval(SWITCH_SECONDS)  # as the command runs it
    with _receiver():
        dispatcher, before = Dispatcher(most=number), time.process_time()
        ended, seconds = timed(lambda: dispatcher.run(ends=lambda: False, stays=False))
    return ended["sent"] / seconds, (time.process_time() - before) / ended["sent"]


@contextmanager
def _receiver() -> Iterator[None]:
    port = free_port()
    os.environ["BENCH_SINK"] = str(port)
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.sinks.receiver", str(port)], stderr=log)
        try:
            wait_until_open(port, process, Path(log.name))
            yield
        finally:
            process.terminate()
            process.wait(GOODBYE_SECONDS)


if __name__ == "__main__":
    main()
