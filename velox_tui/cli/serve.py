"""`velox-tui serve`: a pipeline of another process for Prometheus and for those who look after it.

/metrics in the formats that Prometheus asks for; /healthz answers while this program lives; /readyz is 503
unless the last stage has moved lately. Every scrape is one reading; the pipeline notices nothing. At most 16
connections at a time, each for 10 seconds; others are answered 503.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec

from velox_tui.cli.parser import Parser
from velox_tui.errors import EngineError, UsageError
from velox_tui.exporters.shipped import SHIPPED, shipped
from velox_tui.settings_kinds import whole
from velox_tui.sources.base import Source
from velox_tui.telemetry.units import parse_duration_ns

ADDRESS, PORT = "127.0.0.1", 9464
READY_WITHIN = "10s"
LOOK_NS = 1_000_000_000
"""How often the last stage is looked at for /readyz."""
_EXAMPLES = """examples:
  velox-tui serve                              the only pipeline that runs here
  velox-tui serve 4711 --port 9100 --ready-within 2s
  velox-tui serve --address 0.0.0.0            for others too: anyone who reaches the port can read
  velox-tui serve --print rules > /etc/prometheus/velox-rules.yml
  velox-tui serve --print dashboard > velox.json     for Grafana: Dashboards, New, Import

prometheus.yml:
  rule_files: [velox-rules.yml]
  scrape_configs: [{job_name: velox, static_configs: [{targets: ["127.0.0.1:9464"]}]}]

exit codes: 0 ended by signal; 2 usage; 65 no segment; 66 no such pipeline, or several to choose from;
69 prometheus_client is not installed; 73 the port cannot be had.
"""


def run(arguments: Sequence[str]) -> int:
    """Serves until a signal; 0."""
    parsed = make_parser().parse(arguments)
    if parsed.print is not None:
        print(shipped(parsed.print), end="")
        return 0
    address, port = _address(parsed.address), _port(parsed.port)
    ready_within_ns = _time(parsed.ready_within)
    if find_spec("prometheus_client") is None:
        raise EngineError("serve needs prometheus_client: pip install 'velox-tui[serve]'")
    from velox_tui.cli.ending import Ending
    from velox_tui.cli.faults import say
    from velox_tui.cli.serve_http import Pages, listen
    from velox_tui.cli.serve_watch import Watched
    from velox_tui.session_ticks import Ticks

    def attach() -> Source:
        from velox_tui.sources.attached import AttachedSource, find

        return AttachedSource(find(parsed.target))

    with Ending() as ending:
        watched = Watched(attach)
        server = listen(address, port, Pages(watched, ready_within_ns))
        looks = Ticks(LOOK_NS, lambda late_ns: watched.look())
        answers = threading.Thread(target=server.serve_forever, name="velox-serve", daemon=True)
        looks.start()
        answers.start()
        shown = f"[{address}]" if ":" in address else address
        say(f"serving pid {watched.pid} at http://{shown}:{server.server_address[1]}/metrics")
        ending.wait(None, lambda sample: None)
        server.shutdown()
        server.server_close()
        looks.stop()
        watched.release()
    return 0


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui serve", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("target", metavar="PID|FILE", nargs="?", help="which (default: the only one)")
    parser.add_argument("--address", metavar="IP", default=ADDRESS, help=f"to listen on (default: {ADDRESS})")
    parser.add_argument("--port", metavar="N", default=str(PORT), help=f"0 to 65535 (default: {PORT})")
    parser.add_argument(
        "--ready-within",
        metavar="TIME",
        default=READY_WITHIN,
        help=f"/readyz: how lately the last stage must have moved (default: {READY_WITHIN})",
    )
    parser.add_argument(
        "--print",
        choices=tuple(SHIPPED),
        help="write the Grafana dashboard (JSON) or the alert rules (YAML) to stdout, and end",
    )
    return parser


def _address(text: str) -> str:
    """As given. "" would be every interface, which nobody asks for by a variable that is not set."""
    try:
        if text and text.encode("idna"):
            return text
    except UnicodeError:
        pass
    raise UsageError(f"--address: {text!r} is no address; write 127.0.0.1, or 0.0.0.0 for every interface")


def _port(text: str) -> int:
    try:
        return whole(0, 65535).read(text)
    except ValueError as error:
        raise UsageError(f"--port: {error}") from None


def _time(text: str) -> int:
    try:
        return parse_duration_ns(text, bare="s")
    except ValueError as error:
        raise UsageError(f"--ready-within: {error}") from None
