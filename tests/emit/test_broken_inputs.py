"""One broken input each: a single clear line on stderr, and an app that neither changes nor waits."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from disk import mounted
from otlp_receiver import NOBODY, GrpcReceiver, Receiver
from program import environment, run, stored

from tellmetry import names
from tellmetry.emit import spool

APP = """
import sys, tellmetry
with tellmetry.workflow("triage") as flow:
    with tellmetry.retrieval("kb") as found:
        found.results(3)
    flow.outcome("done")
print("unharmed")
sys.exit(3)
"""
CALL = """
import os, sys, openai
client = openai.OpenAI(base_url=os.environ["BASE"], api_key="k")
print(client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "[[say=unharmed]]"}]).choices[0].message.content)
sys.exit(3)
"""


@pytest.fixture
def unharmed(tmp_path):
    """Run an app with something broken; give the lines that we said."""

    def unharmed(code=APP, *, store=None, **env):
        base = environment(TELLMETRY="on", TELLMETRY_STORE=str(store or tmp_path / "store"))
        ran = run(code, env=base | env)
        assert (ran.code, ran.out) == (3, "unharmed\n"), ran.err
        assert ran.ours == ran.err.splitlines()
        return ran.ours

    return unharmed


@pytest.mark.parametrize("value", ["yes please", "ON!", "true false", "2", "\N{SNOWMAN}"])
def test_the_variable(unharmed, value):
    (line,) = unharmed(TELLMETRY=value)
    assert line == f"tellmetry: TELLMETRY={value!r} is not understood: use on, local or off. Nothing is recorded."


@pytest.mark.parametrize(
    ("name", "value"), [("TELLMETRY_FLUSH_S", "soon"), ("TELLMETRY_QUEUE", "0"), ("TELLMETRY_STRICT", "maybe"), ("TELLMETRY_STORE_DAYS", "inf")]
)
def test_another_variable(unharmed, tmp_path, name, value):
    (line,) = unharmed(**{name: value, "TELLMETRY": "local"})
    assert line.startswith(f"tellmetry: {name}={value!r} is not understood: ")
    assert line.endswith("The default is used.")
    assert len(stored(tmp_path / "store")) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "prices.toml"), ("[[price]\n", "prices.toml"), ('[[price]]\nmodel = "m"\ninput_per_mtok = "cheap"\n', "entry 1 (model 'm')"),
     ("\x00\xff", "prices.toml")],
)  # fmt: skip
def test_the_price_file(unharmed, tmp_path, provider, text, says):
    path = tmp_path / "prices.toml"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    (line,) = unharmed(CALL, TELLMETRY="local", TELLMETRY_PRICES=str(path), BASE=provider.openai_url)
    assert says in line
    assert line.endswith("List prices are used.")
    (span,) = stored(tmp_path / "store")
    assert span.attributes[names.COST_USD] > 0


@pytest.mark.parametrize("kind", ["read-only", "full", "a file", "below a file"])
def test_the_store(unharmed, tmp_path, kind):
    disk, at = nullcontext(), tmp_path / "store"
    if kind in ("read-only", "full"):
        disk = mounted(at, "ro") if kind == "read-only" else mounted(at)
    with disk:
        if kind == "full":
            with pytest.raises(OSError, match="No space"):
                (at / "filler").write_bytes(b"x" * 2**20)
        elif kind != "read-only":
            at.write_text("")
        (line,) = unharmed(TELLMETRY="local", store=at / "deeper" if kind == "below a file" else at)
    assert line.startswith(f"tellmetry: writing to the store failed ({at}")
    assert "the app is not affected, the loss is counted" in line


def test_a_torn_file_in_the_store(unharmed, tmp_path):
    """Read by whoever ships it: the app that next reaches the endpoint."""
    store = tmp_path / "store"
    unharmed(TELLMETRY="local")
    (path,) = spool.files(store)
    path.write_bytes(path.read_bytes()[:-40] + b"\n" + path.read_bytes())
    slow = APP.replace('print("unharmed")', "import time; time.sleep(0.6); print('unharmed')")
    with Receiver() as receiver:
        (line,) = unharmed(slow, TELLMETRY_FLUSH_S="0.1", **receiver.env)
        operations = [span.operation for span in receiver.wait(5)]
    assert "reading a torn line of the store failed" in line
    assert sorted(operations) == ["invoke_workflow", "invoke_workflow", "lost", "retrieval", "retrieval"]
    assert spool.files(store) == []


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        (NOBODY, "nothing listens there"),
        ("http://no-such-host.invalid:4318", "its host name is unknown"),
        ("collector", "is not a URL"),
        ("http://", "is not a URL"),
    ],
)
def test_the_endpoint(unharmed, tmp_path, endpoint, says):
    (line,) = unharmed(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    assert says in line
    assert str(tmp_path / "store") in line
    assert len(stored(tmp_path / "store")) == 2


@pytest.mark.parametrize("mode", [404, 401, 503, 302])
def test_an_endpoint_that_refuses(unharmed, tmp_path, mode):
    with Receiver(mode) as receiver:
        (line,) = unharmed(**receiver.env)
    assert f"takes no spans, it answers {mode}" in line
    assert len(stored(tmp_path / "store")) == 2


def test_an_endpoint_of_another_protocol(unharmed, tmp_path):
    with Receiver() as receiver:
        (line,) = unharmed(APP.replace("sys.exit", "tellmetry.flush(); sys.exit"), **receiver.env | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
    assert "HTTP needs OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in line
    with GrpcReceiver() as receiver:
        (line,) = unharmed(**receiver.env | {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"})
    assert "a gRPC endpoint needs OTEL_EXPORTER_OTLP_PROTOCOL=grpc" in line
    assert len(stored(tmp_path / "store")) == 4


@pytest.mark.parametrize(("name", "value"), [("PROTOCOL", "http/json"), ("TIMEOUT", "ten"), ("COMPRESSION", "brotli"), ("CERTIFICATE", "/no/such.pem")])
def test_a_standard_variable(unharmed, tmp_path, name, value):
    (line,) = unharmed(**{f"OTEL_EXPORTER_OTLP_{name}": value, "OTEL_EXPORTER_OTLP_ENDPOINT": NOBODY.replace("http:", "https:")})
    assert "OTEL_EXPORTER_OTLP_" in line
    assert len(stored(tmp_path / "store")) == 2


def test_a_proxy_that_is_no_address(unharmed, tmp_path):
    (line,) = unharmed(OTEL_EXPORTER_OTLP_ENDPOINT="http://collector:4318", HTTP_PROXY="http://me:canary@[broken")
    assert "the proxy that http_proxy names is not a URL" in line
    assert "canary" not in line
    assert len(stored(tmp_path / "store")) == 2
