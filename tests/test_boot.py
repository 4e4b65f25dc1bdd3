"""One variable and nothing else: activation in real environments, each installed as users do."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest
import venvs
from otlp_receiver import free_port
from program import environment, run, stored

from tellmetry import names

KINDS = {"wheel by uv": venvs.wheel_uv, "wheel by pip": venvs.wheel_pip, "editable by uv": venvs.editable_uv}

# An unchanged program: nothing of ours in it.
APP = """
import os, sys
import openai
client = openai.OpenAI(base_url=os.environ["BASE"], api_key="k")
def call(text="hi"):
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
    return answer.choices[0].message.content
"""
MAIN = APP + """
if __name__ == "__main__":
    assert call()
    print("unharmed", sys.argv[1:])
"""
LOADED = "import sys; print([name for name in sys.modules if name.startswith(('tellmetry', 'opentelemetry', 'wrapt'))])"


@pytest.fixture(params=KINDS)
def python(request):
    return str(KINDS[request.param]())


@pytest.fixture(scope="session")
def anywhere():
    """One of them, for what does not depend on how it was installed."""
    return str(venvs.wheel_uv())


@pytest.fixture
def env(tmp_path, provider):
    return environment(TELLMETRY="local", TELLMETRY_STORE=str(tmp_path / "store"), BASE=provider.openai_url)


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def script(tmp_path, text=MAIN, name="app.py"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def calls(store):
    spans = stored(store)
    assert all(span.name == "chat gpt-4o-mini" and span.attributes[names.COST_USD] > 0 for span in spans)
    return len(spans)


# -- in each kind of environment -------------------------------------------------------------------------------------------
def test_an_unchanged_script_is_recorded(python, env, store, tmp_path):
    ran = run(script(tmp_path), "a", "b", env=env, python=python)
    assert (ran.code, ran.out, ran.err) == (0, "unharmed ['a', 'b']\n", "")
    assert calls(store) == 1


def test_isolated_python_too(python, env, store, tmp_path):
    ran = run(script(tmp_path), env=env, python=python, flags=("-I",))
    assert (ran.code, ran.err) == (0, "")
    assert calls(store) == 1


def test_unset_imports_nothing_of_ours(python, env):
    for value in (None, "", "off", "0", "false"):
        clean = {name: text for name, text in env.items() if name != "TELLMETRY"} | ({} if value is None else {"TELLMETRY": value})
        ran = run(LOADED, env=clean, python=python)
        assert (ran.out, ran.err) == ("[]\n", "")


def test_idle_loads_no_opentelemetry_and_no_client(python, env):
    ran = run(LOADED, env=env, python=python)
    loaded = json.loads(ran.out.replace("'", '"'))
    assert "tellmetry.boot" in loaded
    assert not [name for name in loaded if name.startswith(("opentelemetry", "wrapt"))]


def test_a_value_that_is_none_is_one_line_and_the_app_is_unharmed(python, env, store):
    ran = run("import openai, sys; print('unharmed'); sys.exit(5)", env=env | {"TELLMETRY": "yes please"}, python=python)
    assert (ran.code, ran.out) == (5, "unharmed\n")
    (line,) = ran.err.splitlines()
    assert line == "tellmetry: TELLMETRY='yes please' is not understood: use on, local or off. Nothing is recorded."
    assert not store.exists()


# -- however it is started ---------------------------------------------------------------------------------------------------
def test_a_module(anywhere, env, store, tmp_path):
    script(tmp_path, name="shop/__init__.py", text="")
    script(tmp_path, name="shop/triage.py")
    ran = subprocess.run([anywhere, "-m", "shop.triage", "x"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "unharmed ['x']\n", "")
    assert calls(store) == 1


@pytest.mark.parametrize("flags", [("-",), ("-i", "-q", "-")], ids=" ".join)
def test_standard_input(anywhere, env, store, flags):
    ran = subprocess.run([anywhere, *flags], input=APP + "\nassert call()\n", env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert calls(store) == 1, ran.stderr


@pytest.mark.parametrize("flags", [("-E",), ("-s",), ("-P",), ("-O",), ("-X", "dev"), ("-X", "utf8=0")], ids=" ".join)
def test_other_ways_of_starting(anywhere, env, store, flags):
    ran = run(MAIN.replace("assert ", ""), env=env, python=anywhere, flags=flags)
    assert ran.code == 0
    assert calls(store) == 1, ran.err


def test_a_script_of_the_environment(anywhere, env, store, tmp_path):
    """What pip writes for console scripts: a shebang to the environment's Python."""
    path = script(tmp_path, text=f"#!{anywhere}\n{MAIN}", name="tool")
    path.chmod(0o755)
    ran = subprocess.run([str(path)], env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert calls(store) == 1


def test_a_zip_application(anywhere, env, store, tmp_path):
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        archive.writestr("__main__.py", MAIN)
    ran = run(tmp_path / "app.pyz", env=env, python=anywhere)
    assert (ran.code, ran.err) == (0, "")
    assert calls(store) == 1


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_multiprocessing(anywhere, env, store, tmp_path, method):
    text = APP + f"""
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context({method!r})) as pool:
        assert all(pool.map(call, ["hi"] * 6))
"""
    ran = run(script(tmp_path, text), env=env, python=anywhere)
    assert (ran.code, ran.err) == (0, "")
    assert calls(store) == 6


@pytest.mark.parametrize("options", [(), ("--preload",), ("--threads", "2"), ("--max-requests", "3")], ids=" ".join)
def test_workers_of_gunicorn(anywhere, env, store, tmp_path, options):
    script(tmp_path, name="web.py", text=APP + """
def app(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [call().encode()]
""")
    port = free_port()
    command = [anywhere, "-m", "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{port}", *options, "web:app"]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as server:
        for _ in range(12):
            assert asked(f"http://127.0.0.1:{port}/")
        server.terminate()
        _, err = server.communicate(timeout=30)
    assert "tellmetry:" not in err
    assert calls(store) == 12


def asked(url):
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)


def test_workers_of_celery(anywhere, env, store, tmp_path):
    script(tmp_path, name="tasks.py", text=APP + """
from celery import Celery
places = [os.path.join(os.environ["HERE"], name) for name in ("queue", "results")]
for place in places:
    os.makedirs(place, exist_ok=True)
app = Celery("tasks", broker="filesystem://", backend=f"file://{places[1]}")
app.conf.broker_transport_options = {"data_folder_in": places[0], "data_folder_out": places[0]}
app.task(call, name="call")
""")
    env |= {"HERE": str(tmp_path)}
    ask = "import tasks; print([asked.get(timeout=60) for asked in [tasks.app.tasks['call'].delay() for _ in range(8)]])"
    command = [anywhere, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "2", "--loglevel", "ERROR"]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as worker:
        asker = subprocess.run([anywhere, "-c", ask], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=90, check=False)
        worker.terminate()
        _, err = worker.communicate(timeout=30)
    assert asker.returncode == 0, asker.stderr
    assert "tellmetry:" not in err
    assert calls(store) == 8


def test_a_child_with_a_clean_path(anywhere, env, store):
    """A subprocess of the same environment inherits the variable, and needs nothing else."""
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {MAIN!r}], check=True)"
    assert run(code, env=env, python=anywhere).code == 0
    assert calls(store) == 1


# -- however it is imported ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "importing",
    [
        "import openai",
        "from openai import OpenAI",
        "import importlib; importlib.import_module('openai')",
        "import sys, threading; t = threading.Thread(target=lambda: __import__('openai')); t.start(); t.join()",
        "def lazily():\n    import openai.resources.chat\nlazily()",
        "import importlib.util as u; assert u.find_spec('openai') and u.find_spec('openai._base_client'); import openai",
    ],
)
def test_the_client_is_armed_however_it_is_imported(anywhere, env, store, importing):
    assert run(f"{importing}\n{APP}\nassert call()", env=env, python=anywhere).err == ""
    assert calls(store) == 1


def test_a_client_that_cannot_be_imported_fails_as_without_us(anywhere, env, tmp_path):
    script(tmp_path, name="openai/__init__.py", text="from openai import _base_client\n")
    script(tmp_path, name="openai/_base_client.py", text="raise RuntimeError('broken wheel')\n")
    outcomes = []
    for mode in ("off", "local"):
        ran = run("import openai", env=env | {"TELLMETRY": mode, "PYTHONPATH": str(tmp_path)}, python=anywhere)
        lines = ran.err.splitlines()
        outcomes.append((ran.code, lines[-1], [line for line in lines if str(tmp_path) in line]))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][:2] == (1, "RuntimeError: broken wheel")


def test_a_client_of_another_shape_is_unharmed_and_said_once(anywhere, env, tmp_path):
    script(tmp_path, name="openai/__init__.py", text="from openai import _base_client\nanswer = 42\n")
    script(tmp_path, name="openai/_base_client.py", text="")
    ran = run("import openai; print(openai.answer)", env=env | {"PYTHONPATH": str(tmp_path)}, python=anywhere)
    assert (ran.code, ran.out) == (0, "42\n")
    (line,) = ran.err.splitlines()
    assert line.startswith("tellmetry: arming openai")


def test_the_module_looks_untouched(anywhere, env):
    """Loader and spec are the module's own again: `inspect`, reloading and resources work as without us."""
    code = """
import importlib, inspect
import openai._base_client as armed
from importlib.machinery import SourceFileLoader
assert type(armed.__loader__) is SourceFileLoader is type(armed.__spec__.loader), armed.__spec__
assert "class SyncAPIClient" in inspect.getsource(armed)
"""
    ran = run(code, env=env, python=anywhere)
    assert (ran.code, ran.err) == (0, "")


# -- switched off --------------------------------------------------------------------------------------------------------------
def test_opentelemetrys_own_switch_is_ours(anywhere, env, store):
    ran = run(MAIN, env=env | {"OTEL_SDK_DISABLED": "true"}, python=anywhere)
    assert (ran.code, ran.err) == (0, "")
    assert not store.exists()


def test_a_client_that_is_skipped_is_left_alone(anywhere, env, store):
    ran = run(MAIN + "\nassert type(openai._base_client.SyncAPIClient.request).__name__ == 'function'", env=env | {"TELLMETRY_SKIP": "anthropic, openai"}, python=anywhere)
    assert (ran.code, ran.err) == (0, "")
    assert not store.exists()


def test_by_code_it_is_the_same(anywhere, env, store):
    clean = {name: text for name, text in env.items() if name != "TELLMETRY"}
    code = "import tellmetry; tellmetry.enable('local'); tellmetry.enable('local')\n" + APP + "assert call()"
    assert run(code, env=clean, python=anywhere).err == ""
    assert calls(store) == 1
    late = APP + "import tellmetry; tellmetry.enable('local')\nassert call()"
    assert run(late, env=clean, python=anywhere).err == ""
    assert calls(store) == 2


def test_a_mode_by_code_that_is_none_is_an_error_of_the_callers(anywhere, env):
    ran = run("import tellmetry; tellmetry.enable('yes')", env=env, python=anywhere)
    assert ran.code == 1
    assert "use 'on' or 'local'" in ran.err.splitlines()[-1]


# -- what the wheel carries ------------------------------------------------------------------------------------------------------
def test_the_wheel_carries_the_line_and_no_more_than_the_package():
    with zipfile.ZipFile(venvs.wheel()) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
        line = archive.read("tellmetry.pth").decode()
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tellmetry", "tellmetry.pth"}
    assert line.startswith("import os; ")
    assert line.count("\n") == 1


def test_the_wheel_carries_every_board_and_the_rules():
    there = {path.relative_to(venvs.ROOT).as_posix(): path.read_bytes() for path in (venvs.ROOT / "dashboards").glob("*.json")}
    rules = venvs.ROOT / "dashboards" / "rules" / "grafana" / "llm.yaml"
    there[rules.relative_to(venvs.ROOT).as_posix()] = rules.read_bytes()
    with zipfile.ZipFile(venvs.wheel()) as archive:
        carried = {name: archive.read(f"tellmetry/{name}") for name in there}
    assert carried == there


def test_the_line_is_gone_after_uninstalling(tmp_path):
    """A `.pth` line without its package would complain at every start of Python."""
    home = tmp_path / "venv"
    __import__("venv").create(home, with_pip=True, symlinks=True)
    python = str(home / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(venvs.wheel())], check=True, capture_output=True)
    assert run(LOADED, env=environment(TELLMETRY="on"), python=python).out != "[]\n"
    subprocess.run([*pip, "uninstall", "-y", "tellmetry"], check=True, capture_output=True)
    ran = run(LOADED, env=environment(TELLMETRY="on"), python=python)
    assert (ran.out, ran.err) == ("[]\n", "")
    assert not list(home.rglob("tellmetry*"))


def test_installing_us_moves_no_client(anywhere):
    """No pin, no upper bound: whatever version of a client there is may stay."""
    with zipfile.ZipFile(venvs.wheel()) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        wanted = [line for line in archive.read(name).decode().splitlines() if line.startswith("Requires-Dist") and "extra" not in line]
    assert wanted
    assert not [line for line in wanted if any(client in line for client in ("openai", "anthropic", "urllib3", "<", "=="))]


def test_this_very_python_is_armed_by_an_editable_install(env, store):
    """The environment that runs this suite is one more kind of installation."""
    ran = run(MAIN, env=env, python=sys.executable)
    assert (ran.code, ran.err) == (0, "")
    assert calls(store) == 1
    assert Path(sys.executable).exists()
