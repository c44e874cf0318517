"""`velox-tui completions`: the scripts, and what bash makes of them; every command's help."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from conftest import one_line

from velox_tui.cli import completions
from velox_tui.cli.main import COMMANDS, PIPELINE
from velox_tui.cli.parser import Parser
from velox_tui.errors import EngineError

EVERY = (PIPELINE, *COMMANDS)


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[[str], Path]:
    def make(shell: str) -> Path:
        assert completions.run([shell]) == 0
        path = tmp_path / f"completions.{shell}"
        path.write_text(capsys.readouterr().out)
        return path

    return make


def completed(script: Path, *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    quoted = " ".join(f"'{word}'" for word in ("velox-tui", *words))
    program = f"""
    source '{script}'
    COMP_WORDS=({quoted}); COMP_CWORD={len(words)}
    COMP_LINE="${{COMP_WORDS[*]}}"; COMP_POINT=${{#COMP_LINE}}
    complete -p velox-tui >/dev/null || exit 1
    function=$(complete -p velox-tui | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    "$function" velox-tui '{words[-1]}' 2>/dev/null
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.shell
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_flags_choices_and_files(
    script: Callable[[str], Path], tmp_path: Path
) -> None:
    made = script("bash")
    (tmp_path / "run.csv").touch()
    assert set(completed(made, "")) >= {command.name for command in COMMANDS}
    assert completed(made, "at") == ["attach"]
    assert set(completed(made, "--rin")) == {"--rings"}
    assert set(completed(made, "diff", "--f")) == {"--fail-on"}
    assert set(completed(made, "--pattern", "b")) == {"bursts"}
    assert set(completed(made, "serve", "--print", "")) == {"dashboard", "rules"}
    assert set(completed(made, "completions", "z")) == {"zsh"}
    assert completed(made, "attach", "--rate") == [], "a flag of a pipeline of one's own"


@pytest.mark.shell
@pytest.mark.parametrize("shell", completions.SHELLS)
def test_every_shells_script_knows_every_command(script: Callable[[str], Path], shell: str) -> None:
    made = script(shell)
    text = made.read_text()
    assert all(re.search(rf"\b{command.name}\b", text) for command in COMMANDS)
    if shutil.which(shell) and shell != "tcsh":
        subprocess.run([shell, "-n", str(made)], check=True, timeout=30)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completions, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"pip install 'velox-tui\[completions\]'"):
        completions.run(["bash"])


@pytest.mark.parametrize("arguments", [[], ["ksh"], ["bash", "zsh"]])
def test_what_is_no_shell_is_a_usage_error(
    velox: Callable[..., subprocess.CompletedProcess[str]], arguments: list[str]
) -> None:
    done = velox("completions", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    one_line(done.stderr)


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name or "velox-tui")
def test_help_says_what_how_and_with_which_exit_codes(command: object) -> None:
    """Every flag is explained; there are examples that can be parsed; no line is too long for a terminal."""
    assert command in EVERY
    module = import_module(command.module)  # type: ignore[attr-defined]
    parser: Parser = module.make_parser()
    text = parser.format_help()
    assert "examples:\n" in text and "\nexit codes: 0" in text
    assert all(action.help for action in parser._actions)
    assert max(map(len, text.splitlines())) <= 120
    for words in examples(text):
        own = [word for word in words if word not in ("...",)]
        named = next((one for one in COMMANDS if own and one.name == own[0]), PIPELINE)
        import_module(named.module).make_parser().parse(own[1:] if named is not PIPELINE else own)


def examples(text: str) -> Iterator[list[str]]:
    """The words of every example after `velox-tui`, without what a shell makes of them."""
    import shlex

    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.startswith("  velox-tui "):
            bare = re.split(r"\s{3,}|\s[|>]\s", line.strip())[0]
            yield shlex.split(bare)[1:]


def test_what_begins_like_a_negative_number_is_a_value() -> None:
    parser = Parser()
    parser.add_argument("--at")
    assert parser.parse(["--at", "-30s"]).at == "-30s"
