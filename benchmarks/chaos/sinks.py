"""Receivers of follow-ups, in a process of their own: they write down each request, and each effect it had.

`/once` takes the same webhook-id once, as a receiver should; `/each` does what it is asked every time, and so
does the mail server.
"""

import argparse
import asyncio
import random
from asyncio import StreamReader, StreamWriter
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from benchmarks.chaos.ledger import Ledger, read

SLOWEST_SECONDS = 0.06  # before the effect, and once more before the answer
LONGEST_LINE = 2**20


class HungUpError(Exception):
    """The connection ends without an answer."""


class Sink:
    """What both servers do with a message."""

    def __init__(self, ledger: Ledger, known: dict[str, str], moody: float) -> None:
        self._ledger, self._receipts = ledger, known
        self._asked: set[str] = set()
        self._moody = moody  # share of first requests that are refused, and of those that are not answered
        self._chance = random.Random()  # noqa: S311 - delays, no secret

    async def take(self, *, sink: str, key: str, once: bool, refuses: bool = True, **told: Any) -> str | None:
        """Answers the receipt; None: refused, for now. Raises HungUpError."""
        mood = 1.0 if key in self._asked else self._chance.random()
        self._asked.add(key)
        self._ledger.write(what="request", sink=sink, key=key, **told)
        await self._wait()
        if mood < self._moody and refuses:
            return None
        if not once or key not in self._receipts:
            self._receipts[key] = uuid4().hex
            self._ledger.write(what="effect", sink=sink, key=key, receipt=self._receipts[key], **told)
        receipt = self._receipts[key]
        await self._wait()
        if mood < 2 * self._moody:
            raise HungUpError
        return receipt

    async def _wait(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, SLOWEST_SECONDS))


async def webhook(sink: Sink, reader: StreamReader, writer: StreamWriter) -> None:
    """One connection, which may bring many requests."""
    while request := await _request(reader):
        path, headers, body = request
        receipt = await sink.take(
            sink=path.strip("/"),
            key=headers.get("webhook-id", ""),
            once=path == "/once",
            payload=orjson.loads(body),
        )
        status = b"200 OK" if receipt else b"503 Service Unavailable"
        answer = orjson.dumps({"id": receipt})
        writer.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (status, len(answer), answer)
        )
        await writer.drain()


async def _request(reader: StreamReader) -> tuple[str, dict[str, str], bytes] | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return first.split()[1], headers, body


async def mail(sink: Sink, reader: StreamReader, writer: StreamWriter) -> None:
    """One SMTP session (RFC 5321, as much of it as a client needs that sends plain mail)."""

    async def say(*lines: str) -> None:
        writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await writer.drain()

    recipients: list[str] = []
    await say("220 sink.example ESMTP")
    while line := (await reader.readline()).decode("latin-1").strip():
        verb = line.split(":")[0].upper()
        if verb.startswith("EHLO"):
            await say("250-sink.example", "250 8BITMIME")
        elif verb == "RCPT TO":
            recipients.append(line.partition("<")[2].partition(">")[0])
            await say("250 OK")
        elif verb == "DATA":
            await say("354 go on")
            content = await reader.readuntil(b"\r\n.\r\n")
            key = str(message_from_bytes(content, policy=default).get("Message-ID", ""))
            receipt = await sink.take(
                sink="mail", key=key, once=False, refuses=False, payload={"to": recipients}
            )
            recipients = []
            await say(f"250 OK queued as {receipt}")
        elif verb == "QUIT":
            await say("221 bye")
            return
        else:  # HELO, MAIL FROM, RSET, NOOP
            recipients = []
            await say("250 OK")


async def _serve(http: int, smtp: int, ledger: Path, moody: float) -> None:
    known = {line["key"]: line["receipt"] for line in read(ledger) if line["what"] == "effect"}
    sink = Sink(Ledger(ledger), known, moody)

    def served(protocol: Any) -> Any:
        async def session(reader: StreamReader, writer: StreamWriter) -> None:
            try:
                await protocol(sink, reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError, HungUpError):
                pass  # the sender was killed, or we had enough
            finally:
                writer.close()

        return session

    servers = [
        await asyncio.start_server(served(protocol), "127.0.0.1", port, limit=LONGEST_LINE, backlog=128)
        for protocol, port in ((webhook, http), (mail, smtp))
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main() -> None:
    """Until somebody ends us."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--http", type=int, required=True)
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--moody", type=float, default=0.0)
    asked = parser.parse_args()
    asyncio.run(_serve(asked.http, asked.smtp, asked.ledger, asked.moody))


if __name__ == "__main__":
    main()
