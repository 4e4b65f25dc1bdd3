"""The provider as a process."""

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

COMMAND = [sys.executable, "-m", "tellmetry.demo.provider"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_url_and_serves_until_it_is_stopped(how):
    process = subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{url}/bill", timeout=60) as reply:
            assert b'"lines":[]' in reply.read()
        process.send_signal(how)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _output(command):
    return subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout


def test_it_explains_its_words():
    shown = _output([*COMMAND, "--words"])
    assert "hold_after" in shown
    assert "times" in shown


def test_it_imports_the_standard_library_only():
    code = (
        "import sys; before = set(sys.modules); import tellmetry.demo.provider.__main__; "
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names)); "
        "print(*sorted(m for m in sys.modules if m.startswith('tellmetry') and 'demo' not in m))"
    )
    shown = _output([sys.executable, "-c", code])
    assert shown.split() == ["tellmetry", "tellmetry", "tellmetry.forking"]
