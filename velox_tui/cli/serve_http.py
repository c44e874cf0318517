"""/metrics, /healthz and /readyz over HTTP; any other path is 404.

Every request is answered, also one that cannot be served: in one line. However many connect and however
slowly they speak, they take CONNECTIONS_MAX threads and descriptors, each for REQUEST_S at most.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from velox_tui.cli.serve_watch import Watched
from velox_tui.errors import OutputError
from velox_tui.exporters.prometheus import PipelineCollector
from velox_tui.texts import shown

CONNECTIONS_MAX = 16
"""At a time: some scrapers and people, and far from the usual limits of descriptors."""
REQUEST_S = 10.0
"""From connecting to the end of the answer."""
ACCEPT_PAUSE_S = 0.25
"""Before a connection is tried again that could not be accepted, as without a descriptor left."""
_TEXT = "text/plain; charset=utf-8"
_BUSY = (
    f"HTTP/1.0 503 Service Unavailable\r\nContent-Type: {_TEXT}\r\nConnection: close\r\n\r\n"
    f"{CONNECTIONS_MAX} connections are open: try again later\n"
).encode()
Answer = tuple[HTTPStatus, str, bytes]


class Pages:
    """What is answered to a path."""

    def __init__(self, watched: Watched, ready_within_ns: int) -> None:
        """Pages about this pipeline."""
        self._watched = watched
        self._ready_within_ns = ready_within_ns
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(PipelineCollector(watched.snapshot))
        self._pages: dict[str, Callable[[str], Answer]] = {
            "/metrics": self._metrics,
            "/healthz": self._alive,
            "/readyz": self._ready,
        }

    def answer(self, path: str, accept: str) -> Answer:
        """Status, type and body."""
        page = self._pages.get(path.partition("?")[0])
        if page is None:
            return HTTPStatus.NOT_FOUND, _TEXT, f"try {', '.join(self._pages)}\n".encode()
        try:
            return page(accept)
        except Exception as error:
            why = shown(f"{type(error).__name__}: {error}")
            return HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, f"{why}\n".encode()

    def _metrics(self, accept: str) -> Answer:
        try:
            encode, kind = choose_encoder(accept)
        except Exception:  # it reads versions without judging them first
            encode, kind = choose_encoder("")
        return HTTPStatus.OK, kind, encode(self._registry)

    def _alive(self, accept: str) -> Answer:
        return HTTPStatus.OK, _TEXT, b"alive\n"

    def _ready(self, accept: str) -> Answer:
        why = self._watched.why_unready(self._ready_within_ns)
        if not why:
            return HTTPStatus.OK, _TEXT, b"ready\n"
        return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, f"{shown(why)}\n".encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the pages."""

    def __init__(self, pages: Pages, *arguments: Any) -> None:
        self._pages = pages
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        self._send(with_body=False)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: a scrape is no event."""

    def _send(self, *, with_body: bool) -> None:
        status, kind, body = self._pages.answer(self.path, self.headers.get("Accept", ""))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    """A thread for each connection. A client that goes away meanwhile is no fault."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self._lock = threading.Lock()
        self._deadlines_s: dict[socket.socket, float] = {}
        """Of every open connection, on the axis of time.monotonic."""
        self._ending = threading.Event()
        super().__init__(*arguments)

    def get_request(self) -> tuple[Any, Any]:
        """Waits a little after a failure: the connection is still there, and would be tried again at once."""
        try:
            return super().get_request()
        except OSError:
            self._ending.wait(ACCEPT_PAUSE_S)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own, where there may be one more."""
        with self._lock:
            room = len(self._deadlines_s) < CONNECTIONS_MAX
            if room:
                self._deadlines_s[request] = time.monotonic() + REQUEST_S
        if room:
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.setblocking(False)
            request.send(_BUSY)
        self.shutdown_request(request)

    def service_actions(self) -> None:
        """Twice a second: cuts off those whose time is over, which ends their threads."""
        now_s = time.monotonic()
        with self._lock:  # so that none is closed meanwhile, and its number given to another
            for request, deadline_s in self._deadlines_s.items():
                if now_s >= deadline_s:
                    with suppress(OSError):
                        request.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """Closes the connection."""
        with self._lock:
            self._deadlines_s.pop(request, None)
        super().shutdown_request(request)

    def shutdown(self) -> None:
        """Ends `serve_forever`, also while it waits."""
        self._ending.set()
        super().shutdown()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def listen(address: str, port: int, pages: Pages) -> ThreadingHTTPServer:
    """Bound, not answering yet; port 0 chooses one. OutputError where it cannot be had."""
    kind = _Server6 if ":" in address else _Server
    try:
        return kind((address, port), partial(_Handler, pages))
    except OSError as error:
        raise OutputError(f"cannot listen on {address} port {port}: {error.strerror or error}") from None
