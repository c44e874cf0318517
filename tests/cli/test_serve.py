"""`velox-tui serve`: scraped over HTTP, on a real pipeline of another process."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import one_line
from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_openmetrics
from prometheus_client.parser import text_string_to_metric_families as of_text

from velox_tui.cli import serve_http
from velox_tui.cli.serve_http import Pages, listen
from velox_tui.cli.serve_watch import Watched
from velox_tui.errors import InputMissingError
from velox_tui.sources.base import Source
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import State

Start = Callable[..., subprocess.Popen[bytes]]
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Served:
    """A pipeline and its server, each in a process of its own."""

    def __init__(self, start: Start, place: Path | None = None) -> None:
        """`place`: a name for the segment of whichever pipeline runs, by which it is served."""
        self._start = start
        self._place = place
        self.start_pipeline()
        target = str(place or self.pipeline.pid)
        self.server = start("serve", target, "--port", "0")
        assert self.server.stderr is not None
        line = self.server.stderr.readline().decode()
        found = re.fullmatch(r"velox-tui: serving pid (\d+) at (http://127\.0\.0\.1:\d+)/metrics\n", line)
        assert found is not None and int(found[1]) == self.pipeline.pid, line
        self.address = found[2]

    def start_pipeline(self) -> None:
        """Another one, in place of that before."""
        self.pipeline = self._start("--headless")
        assert self.pipeline.stderr is not None
        segment = self.pipeline.stderr.readline().decode().split()[4].rstrip(";")
        if self._place is not None:
            new = self._place.with_suffix(".new")
            os.link(segment, new)
            new.replace(self._place)

    def end_pipeline(self) -> None:
        """By SIGKILL."""
        self.pipeline.kill()
        self.pipeline.communicate()

    def labels(self, name: str) -> dict[str, str]:
        """Of the first sample of that name."""
        families = of_text(self.get("/metrics")[2])
        return next(one.labels for family in families for one in family.samples if one.name == name)

    def get(self, path: str, accept: str = "", method: str = "GET") -> tuple[int, str, str]:
        """Status, type and body."""
        request = urllib.request.Request(self.address + path, headers={"Accept": accept}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()

    def value(self, name: str, **labels: str) -> float:
        """One value of a scrape."""
        for family in of_text(self.get("/metrics")[2]):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        raise AssertionError(name)


@pytest.fixture
def served(start: Start) -> Iterator[Served]:
    one = Served(start)
    yield one
    for process in (one.server, one.pipeline):
        process.kill()
        process.communicate()


def test_metrics_in_both_formats_and_their_counters_move(served: Served) -> None:
    status, kind, text = served.get("/metrics")
    assert status == 200 and kind.startswith("text/plain")
    both = {"velox_up", "velox_transactions", "velox_e2e_latency_seconds"}
    assert both <= {family.name for family in of_text(text)}
    status, kind, newer = served.get("/metrics", OPENMETRICS)
    assert status == 200 and kind.startswith("application/openmetrics-text")
    assert both <= {family.name for family in of_openmetrics(newer)}
    before = served.value("velox_transactions_total", stage="output")
    while served.value("velox_transactions_total", stage="output") == before:
        assert served.pipeline.poll() is None
    assert served.value("velox_ledger_residual") == 0
    assert served.value("velox_up") == 1


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_finds_nothing_wrong(served: Served) -> None:
    text = served.get("/metrics")[2]
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_health_readiness_and_nothing_else(served: Served) -> None:
    assert served.get("/healthz")[0] == 200
    while served.get("/readyz")[0] != 200:
        assert served.pipeline.poll() is None
        time.sleep(0.02)
    for path in ("/", "/metrics/", "/healthz/x", "/../metrics"):
        assert served.get(path)[0] == 404
    assert served.get("/metrics", method="HEAD")[2] == ""
    assert served.get("/metrics", method="POST")[0] == 501


def test_end_of_the_pipeline_is_told_and_a_signal_ends_the_server(served: Served) -> None:
    served.pipeline.kill()
    served.pipeline.wait()
    assert served.value("velox_up") == 0
    assert served.value("velox_transactions_total", stage="output") > 0
    assert served.get("/healthz")[0] == 200
    served.server.send_signal(signal.SIGTERM)
    assert served.server.communicate(timeout=60) == (b"", b"")
    assert served.server.returncode == 0


def test_another_pipeline_in_its_place_is_served_on(start: Start) -> None:
    place = Path(f"/dev/shm/test-{os.getpid()}-{time.monotonic_ns()}.seg")
    one = Served(start, place)
    try:
        before = one.labels("velox_build_info")["run_id"]
        one.end_pipeline()
        while one.value("velox_up"):
            assert one.server.poll() is None
        one.start_pipeline()
        while not one.value("velox_up"):
            assert one.server.poll() is one.pipeline.poll() is None
        assert one.labels("velox_build_info")["run_id"] != before
    finally:
        place.unlink(missing_ok=True)
        for process in (one.server, one.pipeline):
            process.kill()
            process.communicate()


def test_port_in_use_is_73_in_one_line(served: Served, start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        second = start("serve", str(served.pipeline.pid), "--port", port)
        out, err = second.communicate(timeout=60)
    assert (second.returncode, out) == (73, b"")
    assert f"127.0.0.1 port {port}: Address already in use" in one_line(err.decode())


def idle_connections(served: Served, count: int) -> list[socket.socket]:
    port = int(served.address.rpartition(":")[2])
    return [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]


def await_sockets(served: Served, count: int) -> None:
    """Until the server has as many, the one that it listens on among them."""
    found = 0
    while found != count:
        assert served.server.poll() is None
        found = 0
        for one in Path(f"/proc/{served.server.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found += str(one.readlink()).startswith("socket:")


def said(client: socket.socket) -> bytes:
    """All until the server closes."""
    found = b""
    with client:
        client.settimeout(60)
        while some := client.recv(4096):
            found += some
    return found


def test_more_connections_than_there_are_descriptors_are_refused_and_leave_no_trace(served: Served) -> None:
    resource.prlimit(served.server.pid, resource.RLIMIT_NOFILE, (40, 40))
    clients = idle_connections(served, 36)
    *_, newest = clients
    assert said(newest).startswith(b"HTTP/1.0 503 ")
    for client in clients:
        client.close()
    while served.get("/readyz")[0] != 200:
        assert served.server.poll() is None
    assert served.value("velox_up") == 1
    served.server.send_signal(signal.SIGTERM)
    assert served.server.communicate(timeout=60) == (b"", b"")


def test_without_a_descriptor_left_it_looks_on_and_answers(served: Served) -> None:
    while served.get("/readyz")[0] != 200:
        assert served.server.poll() is None
    await_sockets(served, 1)
    (client,) = idle_connections(served, 1)
    await_sockets(served, 2)
    _, most = resource.prlimit(served.server.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(served.server.pid, resource.RLIMIT_NOFILE, (1, most))
    client.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
    assert said(client).startswith(b"HTTP/1.0 200 "), "only the cores' times cannot be read"
    resource.prlimit(served.server.pid, resource.RLIMIT_NOFILE, (most, most))
    while served.get("/readyz")[0] != 200:
        assert served.server.poll() is None
    served.server.send_signal(signal.SIGTERM)
    assert served.server.communicate(timeout=60) == (b"", b"")


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text; version=abc; escaping=",
        "text/plain;;=;==; version=..;",
        f"application/openmetrics-text; version={'9' * 5000}",
    ],
)
def test_a_malformed_accept_is_answered_in_plain_text(served: Served, accept: str) -> None:
    status, kind, text = served.get("/metrics", accept)
    assert status == 200 and kind.startswith("text/plain")
    assert "velox_up" in {family.name for family in of_text(text)}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["1"], 66),
        (["--port", "65536"], 2),
        (["--port", "-1"], 2),
        (["--port", "0" * 5000], 2),
        (["--port", "1" * 5000], 2),
        (["--address", ""], 2),
        (["--address", "\udcff"], 2),
        (["--address", "a..b"], 2),
        (["--ready-within", "soon"], 2),
        (["none.seg"], 66),
    ],
)
def test_what_cannot_be_served_is_one_line(
    velox: Callable[..., subprocess.CompletedProcess[str]], arguments: list[str], code: int
) -> None:
    done = velox("serve", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    one_line(done.stderr)


class Still(CannedSource):
    """Moves only when told to; in the state it is told."""

    state = State.RUNNING
    run_id = "first"

    def __init__(self) -> None:
        super().__init__(60)
        self.now = super().read()

    def move(self) -> None:
        """One second on."""
        self.now = super().read()

    def read(self) -> Reading:
        """Where it stands."""
        return replace(self.now, state=self.state, run=replace(self.now.run, run_id=self.run_id))


def test_ready_only_while_the_last_stage_moves() -> None:
    now_ns = 0
    source = Still()
    watched = Watched(lambda: source, clock=lambda: now_ns)
    assert watched.why_unready(10) == "the last stage has not moved", "one reading tells no movement"
    source.move()
    watched.look()
    now_ns = 10
    assert watched.why_unready(10) == ""
    now_ns = 11
    assert watched.why_unready(10) == "the last stage has not moved"


def test_successor_takes_the_place_of_a_pipeline_that_is_over() -> None:
    first, second = Still(), Still()
    second.run_id = "second"
    found: list[Source] = [first]

    def attach() -> Source:
        if not found:
            raise InputMissingError("none")
        return found.pop()

    watched = Watched(attach)
    first.state = State.LOST
    assert watched.snapshot().sample.state == State.LOST
    found.append(second)
    assert watched.snapshot().sample.run.run_id == "second"
    assert watched.snapshot().sample.state == State.RUNNING


def test_what_is_over_is_not_ready_however_lately_it_moved() -> None:
    source = Still()
    watched = Watched(lambda: source, clock=lambda: 0)
    watched.look()
    source.move()
    assert watched.why_unready(10) == ""
    source.state = State.LOST
    assert watched.why_unready(10) == "the pipeline is over"


class Broken(Still):
    """Cannot be read while it is told so."""

    failure: Exception | None = None

    def read(self) -> Reading:
        """Where it stands, or the failure."""
        if self.failure is not None:
            raise self.failure
        return super().read()


def test_a_look_survives_any_failure_and_readiness_tells_it() -> None:
    source = Broken()
    watched = Watched(lambda: source, clock=lambda: 0)
    watched.look()
    for source.failure in (
        OSError(24, "Too many open files", "/proc/stat"),
        ValueError("a\nb"),
        MemoryError(),
    ):
        watched.look()
        assert watched.why_unready(10).startswith("the pipeline cannot be read: ")
        status, _, body = Pages(watched, 10).answer("/readyz", "")
        assert status == 503 and body.count(b"\n") == 1
        status, _, body = Pages(watched, 10).answer("/metrics", "")
        assert status == 500 and body.count(b"\n") == 1
        assert type(source.failure).__name__.encode() in body
    source.failure = None
    source.move()
    watched.look()
    assert watched.why_unready(10) == ""


@pytest.fixture
def here() -> Iterator[ThreadingHTTPServer]:
    """A server in this process, not answering yet."""
    server = listen("127.0.0.1", 0, Pages(Watched(Still), 10))
    yield server
    server.server_close()


@contextmanager
def answering(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def test_who_speaks_a_byte_at_a_time_is_cut_off(
    here: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_http, "REQUEST_S", 0.1)
    with answering(here), socket.create_connection(here.server_address[:2]) as client:  # type: ignore[arg-type]
        client.settimeout(0.02)
        for _ in range(3000):
            try:
                client.send(b"G")
                assert client.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                pass
            break
        else:
            raise AssertionError("kept for ever")


def test_a_connection_that_cannot_be_accepted_is_not_tried_without_end(
    here: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_http, "ACCEPT_PAUSE_S", 3600)
    tried: list[bool] = []

    def accept() -> None:
        tried.append(True)
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(ThreadingHTTPServer, "get_request", lambda server: accept())
    with socket.create_connection(here.server_address[:2]), answering(here):  # type: ignore[arg-type]
        while not tried:
            time.sleep(0.01)
        time.sleep(0.1)
    assert len(tried) == 1


def test_connections_beyond_the_limit_are_told_so_and_places_are_given_again(
    here: ThreadingHTTPServer,
) -> None:
    place: tuple[str, int] = here.server_address[:2]  # type: ignore[assignment]
    with answering(here), ExitStack() as clients:
        for _ in range(serve_http.CONNECTIONS_MAX):
            clients.enter_context(socket.create_connection(place))
        assert b" 503 " in said(socket.create_connection(place))
        clients.close()
        while True:
            with suppress(ConnectionError), socket.create_connection(place) as client:
                client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                if client.recv(12) == b"HTTP/1.0 200":
                    break
