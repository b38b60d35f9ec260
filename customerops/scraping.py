"""A port of its own for `/metrics` and `/healthz`, for a program that runs by itself.

A worker or beat has no web server, and processes count in files that only their own container can read. The
web server has its own `/metrics`, behind ALLOWED_HOSTS; here nobody asks which name a scraper used.
"""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

Pages = Mapping[str, Callable[[], bytes]]

log = structlog.get_logger(__name__)


@contextlib.contextmanager
def answering(*, host: str, port: int, pages: Pages) -> Iterator[int]:
    """Answer GET of `pages` in threads; yields the port, which is chosen when 0 is given. Raises OSError."""
    with _Server(host, port, pages) as server:
        thread = threading.Thread(target=server.serve_forever, name="scraping", daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    # Not http.server's: that one asks the name service who we are, and may wait for it.
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.pages = pages
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = 10  # a caller that says nothing keeps no thread
    server: _Server

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            body = page()
        except Exception:  # the next scrape may go well; this one is told that it did not
            log.exception("page_failed", path=self.path)
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a line for each scrape would be most of the log."""
