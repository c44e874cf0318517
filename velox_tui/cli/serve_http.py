"""/metrics, /healthz and /readyz over HTTP; any other path is 404."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from velox_tui.cli.serve_watch import Watched
from velox_tui.errors import OutputError
from velox_tui.exporters.prometheus import PipelineCollector

_TEXT = "text/plain; charset=utf-8"
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
        return page(accept)

    def _metrics(self, accept: str) -> Answer:
        encode, kind = choose_encoder(accept)
        return HTTPStatus.OK, kind, encode(self._registry)

    def _alive(self, accept: str) -> Answer:
        return HTTPStatus.OK, _TEXT, b"alive\n"

    def _ready(self, accept: str) -> Answer:
        why = self._watched.why_unready(self._ready_within_ns)
        if not why:
            return HTTPStatus.OK, _TEXT, b"ready\n"
        return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, f"{why}\n".encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the pages; a client that stays silent is let go."""

    timeout = 10

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
    """A client that goes away meanwhile is no fault."""

    daemon_threads = True

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
