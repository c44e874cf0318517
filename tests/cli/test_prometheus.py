"""The dashboard and the alert rules that are shipped, in a real Prometheus that scrapes a real pipeline."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import one_line
from test_serve import Served

from velox_tui.exporters.shipped import SHIPPED, shipped

WIDTH = 24
"""Grafana's grid."""
CONFIGURATION = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs: [{job_name: velox, static_configs: [{targets: ["TARGET"]}]}]
"""
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="prometheus and promtool (Debian: prometheus) are not installed",
)


class Prometheus:
    """A server with these rules that scrapes one target."""

    def __init__(self, folder: Path, target: str) -> None:
        (folder / "rules.yml").write_text(shipped("rules"))
        (folder / "prometheus.yml").write_text(CONFIGURATION.replace("TARGET", target))
        self.process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                "--web.listen-address=127.0.0.1:0",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line)
            if found := re.search(r'msg="Listening on" address=(\S+)', line):
                self.address = f"http://{found[1]}"
                self._wait_until_ready()
                return
        raise AssertionError("".join(said))

    def _wait_until_ready(self) -> None:
        """It listens before it has opened its storage, and answers 503 until then."""
        while self.process.poll() is None:
            with suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{self.address}/-/ready"):
                return
            time.sleep(0.05)
        raise AssertionError(f"prometheus ended with {self.process.returncode}")

    def get(self, path: str, **query: str) -> Any:
        """The data of an answer."""
        url = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            told = json.load(answer)
        assert told["status"] == "success" and not told.get("warnings"), told
        return told["data"]

    def rules(self) -> dict[str, dict[str, Any]]:
        """Every rule by name, once all have been evaluated."""
        while True:
            rules = [rule for group in self.get("rules")["groups"] for rule in group["rules"]]
            if rules and all(rule["health"] != "unknown" for rule in rules):
                return {rule["name"]: rule for rule in rules}
            time.sleep(0.05)


@pytest.fixture
def scraped(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> Iterator[tuple[Served, Prometheus]]:
    with ExitStack() as undo:

        def end(process: subprocess.Popen[Any]) -> None:
            process.kill()
            process.communicate()

        served = Served(start)
        undo.callback(end, served.pipeline)
        undo.callback(end, served.server)
        prometheus = Prometheus(tmp_path, served.address.removeprefix("http://"))
        undo.callback(end, prometheus.process)
        yield served, prometheus


def queries() -> Iterator[tuple[str, str]]:
    """Title and query, with Grafana's variables filled in."""
    board = json.loads(shipped("dashboard"))
    asked = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel["targets"]] + [
        (one["name"], one["expr"]) for one in board["annotations"]["list"]
    ]
    known = {"$instance": ".*", "$__rate_interval": "10s", "$__interval": "10s", "$__range": "1m"}
    for title, expression in asked:
        for name, value in known.items():
            expression = expression.replace(name, value)
        assert "$" not in expression, expression
        yield title, expression


@needs_prometheus
def test_every_query_of_the_dashboard_is_answered_and_no_rule_fails(
    scraped: tuple[Served, Prometheus],
) -> None:
    served, prometheus = scraped
    for title, expression in queries():
        while not (answer := prometheus.get("query", query=expression)["result"]) or any(
            one["value"][1] == "NaN" for one in answer
        ):
            assert served.pipeline.poll() is served.server.poll() is prometheus.process.poll() is None, title
            time.sleep(0.1)
    assert prometheus.get("label/instance/values", **{"match[]": "velox_up"}) == [
        served.address.removeprefix("http://")
    ]
    rules = prometheus.rules()
    assert {name: rule["health"] for name, rule in rules.items() if rule["health"] != "ok"} == {}
    assert rules["VeloxLedgerViolated"]["state"] == rules["VeloxPipelineDown"]["state"] == "inactive"
    served.pipeline.kill()
    served.pipeline.wait()
    while prometheus.rules()["VeloxPipelineDown"]["state"] not in ("pending", "firing"):
        assert served.server.poll() is prometheus.process.poll() is None
        time.sleep(0.1)


@needs_prometheus
def test_each_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(shipped("rules"))
    cases = tmp_path / "cases.yml"
    cases.write_bytes((Path(__file__).parent / "alert-rules.test.yml").read_bytes())
    for arguments in (("check", "rules", "rules.yml"), ("test", "rules", "cases.yml")):
        done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    every = set(re.findall(r"alert: (\w+)", shipped("rules")))
    silent = set(re.findall(r"\{eval_time: \w+, alertname: (\w+)\}", cases.read_text()))
    firing = set(re.findall(r"alertname: (\w+)\n +exp_alerts:", cases.read_text()))
    assert silent == firing == every


def test_panels_fill_the_grid_without_overlap() -> None:
    panels = json.loads(shipped("dashboard"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in panels):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken and all(x < WIDTH for x, _ in cells)
        taken |= cells
    assert len(taken) == WIDTH * (1 + max(y for _, y in taken))


@pytest.mark.parametrize("what", SHIPPED)
def test_what_is_shipped_is_printed(
    velox: Callable[..., subprocess.CompletedProcess[str]], what: str
) -> None:
    done = velox("serve", "--print", what)
    assert (done.returncode, done.stdout, done.stderr) == (0, shipped(what), "")


def test_what_is_not_shipped_is_one_line(velox: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = velox("serve", "--print", "themes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "dashboard" in one_line(done.stderr)
