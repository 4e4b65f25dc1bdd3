"""Doctor: one seeded fault, one sentence that says what, where and what to do, one exit code of its own."""

from __future__ import annotations

import json
import os
import sys
import time

import grpc
import pytest
from disk import mounted
from otlp_receiver import HOST, NOBODY, GrpcReceiver, Receiver, talking
from program import environment, run
from told import span

from tellmetry import doctor
from tellmetry.cli import main
from tellmetry.doctor import clients, faults
from tellmetry.doctor import prices as price_list
from tellmetry.emit import losses
from tellmetry.emit.spool import SUFFIX, Spool
from tellmetry.settings import Settings

QUICK = tuple(topic for topic in doctor.TOPICS if topic not in ("clients", "python"))  # those start other processes


@pytest.fixture(autouse=True)
def healthy(monkeypatch, tmp_path):
    """An environment without a fault: on, an endpoint that answers, an empty store."""
    for name in list(os.environ):
        if name.startswith(("TELLMETRY", "OTEL_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TELLMETRY", "on")
    monkeypatch.setenv("TELLMETRY_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("TELLMETRY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    with Receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        yield receiver


@pytest.fixture
def examine(capsys):
    """Run doctor and give its exit code and the sentences of the faults it found."""

    def examine(*topics, timeout="2"):
        code = main(["doctor", "--json", "--timeout", timeout, *(topics or QUICK)])
        out, err = capsys.readouterr()
        assert err == ""
        lines = json.loads(out)
        found = [line for line in lines if line["fault"]]
        assert code == min((line["code"] for line in found), default=0)
        assert len({line["fault"] for line in found}) == len(found), "each fault is said once"
        for line in lines:
            assert line["says"].strip()
            assert "\n" not in line["says"]
        return code, [line["says"] for line in found]

    return examine


def only(result, fault, *words):
    """Check that this fault was found and no other, in one sentence or two that hold these words."""
    code, said = result
    assert (code, len(said)) == (fault.code, 1), said
    for word in words:
        assert word in said[0], (word, said[0])


def test_health_is_0(examine, healthy):
    assert examine() == (0, [])
    assert len(healthy.requests) == 1, "it was really asked"
    assert healthy.spans == []


def test_codes_are_distinct_and_listed(capsys):
    codes = [fault.code for fault in faults.FAULTS]
    assert len(set(codes)) == len(codes) == len({fault.name for fault in faults.FAULTS})
    assert all(3 <= code <= 125 for code in codes), "2 is argparse's, 126 and up are the shell's"
    assert codes == sorted(codes)
    assert {fault for fault in vars(faults).values() if isinstance(fault, faults.Fault)} == set(faults.FAULTS)
    assert main(["doctor", "--codes"]) == 0
    listed = capsys.readouterr().out
    assert all(str(fault.code) in listed and fault.name in listed and fault.says in listed for fault in faults.FAULTS)


# -- settings --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", ["", "off", "0"])
def test_off(examine, monkeypatch, value):
    monkeypatch.setenv("TELLMETRY", value)
    only(examine(), faults.OFF, "nothing is recorded", "set it to on")


def test_a_mode_that_is_none(examine, monkeypatch):
    monkeypatch.setenv("TELLMETRY", "yes please")
    only(examine(), faults.MODE, "TELLMETRY='yes please'", "on, local or off")


def test_the_switch_of_opentelemetry(examine, monkeypatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    only(examine(), faults.SDK_DISABLED, "unset it")


def test_a_setting_that_is_not_understood(examine, monkeypatch):
    monkeypatch.setenv("TELLMETRY_FLUSH_S", "soon")
    only(examine(), faults.SETTING, "TELLMETRY_FLUSH_S='soon'", "for example 0.5")


def test_a_setting_that_does_not_exist(examine, monkeypatch):
    monkeypatch.setenv("TELLMETRY_STOR", "/x")
    only(examine(), faults.UNKNOWN, "TELLMETRY_STOR ", "did you mean TELLMETRY_STORE?")


def test_every_variable_that_is_set_is_shown_and_secrets_are_not(monkeypatch, capsys):
    monkeypatch.setenv("TELLMETRY_FLUSH_S", "0.5")
    monkeypatch.setenv("TELLMETRY_QUEUE", "20000")  # the default: not worth a line
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20canary")
    assert main(["doctor", "settings"]) == 0
    out = capsys.readouterr().out
    assert "TELLMETRY_FLUSH_S=0.5" in out
    assert "OTEL_SERVICE_NAME=shop" in out
    assert "OTEL_EXPORTER_OTLP_HEADERS=(hidden)" in out
    assert "canary" not in out
    assert "TELLMETRY_QUEUE" not in out


# -- endpoint ----------------------------------------------------------------------------------------------------------------
def test_nothing_listens(examine, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOBODY)
    only(examine(), faults.CONNECTION, "nothing listens there", "Start the Collector", "/v1/traces by http/protobuf")


def test_an_unknown_host(examine, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://no-such-host.invalid:4318")
    only(examine(timeout="20"), faults.HOST, "no-such-host.invalid", "Correct OTEL_EXPORTER_OTLP_ENDPOINT")


def test_an_endpoint_that_never_answers(examine, healthy):
    healthy.mode = "hang"
    began = time.monotonic()
    only(examine(timeout="0.3"), faults.TIMEOUT, "does not answer")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("status", "fault", "word"),
    [(404, faults.PATH, "without /v1/traces"), (401, faults.LOGIN, "OTEL_EXPORTER_OTLP_HEADERS"), (403, faults.LOGIN, "403"),
     (503, faults.BUSY, "its own log"), (500, faults.BUSY, "500"), (307, faults.REDIRECT, "307"), (400, faults.REJECTED, "400"),
     (418, faults.ODD, "418")],
)  # fmt: skip
def test_an_endpoint_that_answers_otherwise(examine, healthy, status, fault, word):
    healthy.mode = status
    only(examine(), fault, word, healthy.url)


def test_http_to_a_grpc_port(examine, monkeypatch):
    with GrpcReceiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{HOST}:{receiver.port}")
        only(examine(), faults.PROTOCOL, "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")


def test_http_to_the_grpc_port_of_a_collector(examine, monkeypatch):
    """Go's server hangs up on HTTP/1 without a word."""

    def answer(connection, said):
        if said.startswith(b"PRI * HTTP/2.0"):
            connection.sendall(b"\0\0\0\4\0\0\0\0\0")

    with talking(answer) as port:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{HOST}:{port}")
        only(examine(), faults.PROTOCOL, "it speaks gRPC", "OTEL_EXPORTER_OTLP_PROTOCOL")


def test_something_that_only_hangs_up(examine, monkeypatch):
    with talking(lambda connection, said: None) as port:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{HOST}:{port}")
        only(examine(), faults.CONNECTION)


def test_grpc_to_an_http_port(examine, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    only(examine(), faults.PROTOCOL, "OTEL_EXPORTER_OTLP_PROTOCOL", "by grpc")


def test_an_endpoint_that_speaks_something_else(examine, monkeypatch):
    with talking(lambda connection, said: connection.sendall(b"220 smtp ready\r\n")) as port:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{HOST}:{port}")
        only(examine(), faults.PROTOCOL)


def test_tls_where_there_is_none(examine, monkeypatch, healthy):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"https://{HOST}:{healthy.port}")
    only(examine(), faults.CERTIFICATE, "OTEL_EXPORTER_OTLP_CERTIFICATE")


def test_an_endpoint_that_is_no_address(examine, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318")
    only(examine(), faults.ADDRESS, "'localhost:4318' is not a URL", "Correct the variable")


@pytest.mark.parametrize(
    ("mode", "fault"),
    [("take", None), ("UNAUTHENTICATED", faults.LOGIN), ("UNIMPLEMENTED", faults.PATH), ("UNAVAILABLE", faults.BUSY), ("hang", faults.TIMEOUT)],
)
def test_grpc_is_asked_by_grpc(examine, monkeypatch, mode, fault):
    with GrpcReceiver(getattr(grpc.StatusCode, mode, mode)) as receiver:
        for name, value in receiver.env.items():
            monkeypatch.setenv(name, value)
        result = examine(timeout="1")
        assert len(receiver.requests) == 1
    if fault is None:
        assert result == (0, [])
    else:
        only(result, fault)


def test_local_asks_no_endpoint(examine, monkeypatch, healthy):
    monkeypatch.setenv("TELLMETRY", "local")
    healthy.mode = 503
    assert examine() == (0, [])
    assert healthy.requests == []


# -- store -------------------------------------------------------------------------------------------------------------------
def fill(tmp_path, *spans):
    spool = Spool(Settings(store=tmp_path / "store"))
    spool.write(list(spans) or [span(1, at_ns=time.time_ns())])
    return spool.directory


def test_what_is_in_the_store(tmp_path, capsys):
    fill(tmp_path, span(1, at_ns=time.time_ns() - 90 * 10**9), span(2, at_ns=time.time_ns()))
    assert main(["doctor", "store"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "2 spans in" in out
    assert "the oldest 8" in out or "the oldest 9" in out
    assert "at most 256.0 MiB and 7 days are kept" in out
    assert " left." in out


def test_a_store_that_is_a_file(examine, tmp_path):
    (tmp_path / "store").write_text("")
    only(examine(), faults.UNWRITABLE, "is not a directory", "Set TELLMETRY_STORE")


def test_a_store_on_a_read_only_disk(examine, tmp_path):
    with mounted(tmp_path / "store", "ro"):
        only(examine(), faults.UNWRITABLE, "Read-only file system")


def test_a_store_on_a_disk_that_is_all_but_full(examine, tmp_path):
    with mounted(tmp_path / "store"):
        only(examine(), faults.FULL, "64.0 KiB left", "Make room")


def test_looking_leaves_nothing_behind(examine, tmp_path):
    examine()
    assert not (tmp_path / "store").exists()
    fill(tmp_path)
    before = sorted((tmp_path / "store").iterdir())
    examine()
    assert sorted((tmp_path / "store").iterdir()) == before


def test_damaged_lines(examine, tmp_path):
    (path,) = fill(tmp_path).glob(f"*{SUFFIX}")
    path.write_text(path.read_text() + '{"resourceSp')
    only(examine(), faults.TORN, "1 damaged lines in 1 files", str(path), "All other lines are read")


def test_spans_that_wait_although_they_need_not(examine, tmp_path, healthy):
    fill(tmp_path, span(1, at_ns=time.time_ns() - 3600 * 10**9))
    only(examine(), faults.WAITING, "1 spans wait for 60 minutes", "tellmetry ship")
    healthy.mode = 503
    only(examine(), faults.BUSY)


def test_spans_that_were_lost(examine, tmp_path):
    fill(tmp_path, *losses.spans({"queueing a span": 12}))
    only(examine(), faults.LOST, "12 at queueing a span")


# -- prices --------------------------------------------------------------------------------------------------------------------
def test_a_price_file_that_cannot_be_used(examine, monkeypatch, tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text('[[price]]\nmodel = "m"\ninput_per_mtok = "cheap"\n')
    monkeypatch.setenv("TELLMETRY_PRICES", str(path))
    only(examine(), faults.PRICE_FILE, str(path), "List prices are used")


def test_a_price_file_that_is_not_there(examine, monkeypatch):
    monkeypatch.setenv("TELLMETRY_PRICES", "/no/such/prices.toml")
    only(examine(), faults.PRICE_FILE, "/no/such/prices.toml")


def test_a_price_list_that_is_old(examine, monkeypatch, tmp_path):
    file = tmp_path / "installed"
    file.touch()
    os.utime(file, (time.time() - 200 * 86_400,) * 2)
    monkeypatch.setattr(price_list, "_installed_at", lambda: file)
    only(examine(), faults.PRICE_AGE, "200 days ago", "pip install -U genai-prices")


def test_a_price_list_that_cannot_be_loaded(examine, monkeypatch):
    def broken(cache):
        raise AttributeError("changed")

    monkeypatch.setattr(price_list.prices, "preload", broken)
    only(examine(), faults.PRICE_LIST, "AttributeError", "Reinstall genai-prices")


# -- provider, sampler, clock ---------------------------------------------------------------------------------------------------
def test_a_provider_that_is_not_installed(examine, monkeypatch):
    monkeypatch.setenv("OTEL_PYTHON_TRACER_PROVIDER", "none_such")
    only(examine(), faults.PROVIDER, "none_such", "unset the variable")


def test_a_provider_that_is_installed_owns_the_spans(examine, monkeypatch, capsys):
    monkeypatch.setenv("OTEL_PYTHON_TRACER_PROVIDER", "sdk_tracer_provider")
    assert examine() == (0, [])
    main(["doctor", "provider"])
    assert "we export nothing ourselves" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("sampler", "share", "whole"),
    [("traceidratio", "0.1", False), ("parentbased_traceidratio", "0.5", False), ("always_off", "", False),
     ("always_on", "", True), ("parentbased_always_on", "", True), ("traceidratio", "1.0", True), ("traceidratio", "", True)],
)  # fmt: skip
def test_a_sampler_that_loses_counts(examine, monkeypatch, sampler, share, whole):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", share)
    if whole:
        assert examine() == (0, [])
    else:
        only(examine(), faults.SAMPLER, f"OTEL_TRACES_SAMPLER={sampler}", "the Collector samples")


@pytest.mark.parametrize(("ahead_s", "says"), [(-600, "10 minutes ahead of"), (7500, "2 hours behind")])
def test_a_clock_that_disagrees_with_the_endpoints(examine, healthy, ahead_s, says):
    healthy.ahead_s = ahead_s
    only(examine(), faults.CLOCK, f"{says} the endpoint's", "time service")


def test_a_clock_from_before_we_were_installed(examine, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 86_400.0)
    only(examine("clock"), faults.CLOCK, "1970-01-02", "before tellmetry was installed")


def test_spans_from_the_future(examine, tmp_path):
    fill(tmp_path, span(1, at_ns=time.time_ns() + 3600 * 10**9))
    only(examine(), faults.CLOCK, "from the future")


# -- python and clients -----------------------------------------------------------------------------------------------------------
def test_this_python_is_armed(examine):
    assert examine("python") == (0, [])


def test_a_python_without_the_line(monkeypatch, tmp_path):
    """As after `pip install --target`: the package can be imported, the line is not where Python reads it."""
    env = environment(TELLMETRY="on", TELLMETRY_STORE=str(tmp_path), PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
    bare = tmp_path / "bare"
    __import__("venv").create(bare, symlinks=True)
    ran = run("import sys; from tellmetry.cli import main; sys.exit(main(['doctor', 'python']))", env=env, python=str(bare / "bin" / "python"))
    assert ran.code == faults.PTH.code
    assert "tellmetry run" in " ".join(ran.out.split())


def test_installed_clients_are_seen_where_they_are(capsys):
    """The real ones, imported in a process of their own, and not in this one's name."""
    assert main(["doctor", "clients"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "openai 3." in out or "openai 2." in out or "openai 1." in out
    assert "choke point openai._base_client:SyncAPIClient.request" in out
    assert "anthropic" in out
    assert "✗" not in out


def sighting(**told):
    return {"client": "openai", "package": "openai", "version": "3.1", "tested": ["1.0", "3.2"], "skipped": False, "error": None,
            "armed": {"openai:A.request": "choke point", "openai:B.retry": "retries"}, "missing": []} | told  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "fault", "word"),
    [
        ({}, None, ""),
        ({"version": None}, faults.NO_CLIENT, "we know openai"),
        ({"error": "ImportError in openai: no"}, faults.CLIENT_BROKEN, "ImportError in openai: no"),
        ({"armed": {}, "missing": ["openai:A.request"]}, faults.PLACES, "openai:A.request"),
        ({"skipped": True, "armed": {}}, None, ""),
        ({"missing": ["openai:C.x"]}, None, ""),
    ],
)
def test_what_is_said_of_a_client(examine, monkeypatch, seen, fault, word):
    monkeypatch.setattr(clients, "_sighted", lambda asked: [sighting(**seen)])
    if fault is None:
        assert examine("clients") == (0, [])
    else:
        only(examine("clients"), fault, word)


@pytest.mark.parametrize(
    ("version", "word"), [("3.1", "(tested)"), ("4.0.1", "newer than 3.2"), ("0.9", "older than 1.0"), ("3.2.0rc1", "newer than 3.2")]
)
def test_versions_are_compared_with_those_tested(capsys, monkeypatch, version, word):
    monkeypatch.setattr(clients, "_sighted", lambda asked: [sighting(version=version)])
    assert main(["doctor", "clients"]) == 0
    assert word in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("body", "fault", "word"),
    [
        ("raise RuntimeError('broken wheel')", faults.CLIENT_BROKEN, "RuntimeError in openai._base_client: broken wheel"),
        ("import os; os.abort()", faults.CLIENT_BROKEN, "the process ended with -6"),
        ("class Renamed: pass", faults.PLACES, "openai._base_client:SyncAPIClient.request"),
    ],
)
def test_a_client_that_is_broken_or_changed(examine, monkeypatch, tmp_path, body, fault, word):
    """A distribution called openai of our own making, before the real one on the path."""
    (tmp_path / "site" / "openai").mkdir(parents=True)
    (tmp_path / "site" / "openai" / "__init__.py").write_text("")
    for module in ("_base_client", "_response", "_legacy_response"):
        (tmp_path / "site" / "openai" / f"{module}.py").write_text(body)
    metadata = tmp_path / "site" / "openai-9.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: openai\nVersion: 9.0\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setattr("tellmetry.doctor.clients._LONGEST_S", 60)
    code, said = examine("clients")
    assert code == fault.code
    assert [one for one in said if one.startswith("openai 9.0") and word in one], said


# -- the command ---------------------------------------------------------------------------------------------------------------------
def test_the_lowest_code_is_the_exit_code_and_all_faults_are_said(examine, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    monkeypatch.setenv("TELLMETRY_STOR", "x")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOBODY)
    code, said = examine()
    assert (code, len(said)) == (faults.UNKNOWN.code, 3)


def test_what_is_printed_names_fault_and_code(capsys, healthy):
    healthy.mode = 404
    assert main(["doctor", "endpoint", "settings"]) == faults.PATH.code
    out = capsys.readouterr().out
    assert "✗" in out
    assert f"[endpoint-path, exit {faults.PATH.code}]" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 100


def test_a_topic_that_is_none(capsys):
    assert main(["doctor", "weather"]) == 2
    assert "choose from settings" in capsys.readouterr().err
