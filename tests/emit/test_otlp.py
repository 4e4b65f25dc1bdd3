"""The way to the endpoint, HTTP and gRPC: what it takes, what it never will, and why it did not."""

from __future__ import annotations

import ssl
import threading
import time
from pathlib import Path

import grpc
import pytest
from otlp_receiver import HOST, NOBODY, GrpcReceiver, Receiver, talking
from told import RESOURCE, span

from tellmetry import guard
from tellmetry.emit import endpoint, otlp
from tellmetry.emit.trouble import Trouble

VARIABLES = ("ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION", "CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE", "INSECURE")


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in VARIABLES:
        for signal in ("", "TRACES_"):
            monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{signal}{name}", raising=False)
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    guard.forget()
    yield
    guard.forget()


@pytest.fixture
def use(monkeypatch):
    def set_variables(env):
        for name, value in env.items():
            monkeypatch.setenv(name, value)

    return set_variables


@pytest.fixture(params=[Receiver, GrpcReceiver], ids=["http", "grpc"])
def receiver(request, use):
    with request.param() as running:
        use(running.env)
        yield running


def sent(*told, timeout_s=2.0):
    """Send some spans and give the trouble it met."""
    to = otlp.sender(timeout_s)
    try:
        otlp.deliver(to, list(told), RESOURCE)
    except Trouble as trouble:
        return trouble
    finally:
        to.interrupt()
    return None


def test_spans_arrive_whole(receiver):
    one = span(7, seconds=0.25, tags=("a", "b"), usd=0.1, ok=True)
    assert sent(one, span(8)) is None
    first, second = receiver.wait(2)
    assert (first.name, first.kind, first.ended_ns - first.started_ns) == ("chat gpt-4o-mini", 3, 250_000_000)
    assert first.attributes == one.attributes
    assert first.resource == RESOURCE
    assert first.scope == "tellmetry"
    assert second.attributes["number"] == 8
    assert guard.lost.total() == 0


def test_one_connection_serves_many_requests(receiver):
    to = otlp.sender()
    for number in range(5):
        otlp.deliver(to, [span(number)], RESOURCE)
    assert [one.attributes["number"] for one in receiver.wait(5)] == list(range(5))
    to.interrupt()


def test_an_endpoint_that_was_restarted_is_found_again_without_a_loss(receiver):
    to = otlp.sender(5.0)
    otlp.deliver(to, [span(1)], RESOURCE)
    receiver.stop()
    receiver.start()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            otlp.deliver(to, [span(2)], RESOURCE)
            break
        except Trouble:
            to = otlp.sender(5.0)
    assert [one.attributes["number"] for one in receiver.wait(2)] == [1, 2]
    to.interrupt()


def test_headers_reach_the_endpoint_decoded(receiver, use):
    use({"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc, x-tenant = a=b ,,broken"})
    assert sent(span()) is None
    (headers,) = receiver.requests
    assert headers["authorization"] == "Bearer abc"
    assert headers["x-tenant"] == "a=b"


def test_grpc_messages_are_packed_as_asked(use):
    with GrpcReceiver() as receiver:
        use(receiver.env | {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"})
        assert sent(span(3, note="x" * 10_000)) is None
        assert receiver.wait(1)[0].attributes["note"] == "x" * 10_000


@pytest.mark.parametrize("how", ["gzip", "deflate", "none"])
def test_bodies_are_packed_as_asked(use, how):
    with Receiver() as receiver:
        use(receiver.env | {"OTEL_EXPORTER_OTLP_COMPRESSION": how})
        assert sent(span(3, note="x" * 10_000)) is None
        assert receiver.wait(1)[0].attributes["note"] == "x" * 10_000
        (headers,) = receiver.requests
        assert headers.get("content-encoding", "none") == how
        assert (int(headers["content-length"]) < 2000) == (how != "none")


def test_the_signals_own_endpoint_is_taken_as_it_stands(use):
    with Receiver() as receiver:
        use({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://elsewhere:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{receiver.url}/v1/traces"})
        assert sent(span()) is None
        use({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": receiver.url})
        assert sent(span()).what == "path"
        assert receiver.requests[-1]["path"] == "/"


# -- trouble that passes: spans are kept ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mode", "what"),
    [(503, "busy"), (500, "busy"), (429, "busy"), (404, "path"), (401, "login"), (403, "login"), (302, "redirect"), (418, "unknown")],
)
def test_a_status_says_what_is_wrong(use, mode, what):
    with Receiver(mode) as receiver:
        use(receiver.env)
        trouble = sent(span())
        assert (trouble.what, trouble.final) == (what, False)
        assert str(mode) in str(trouble)
        assert len(receiver.requests) == 1, "the disk is the retry"
    assert guard.lost.total() == 0


@pytest.mark.parametrize(
    ("mode", "what"),
    [("UNAVAILABLE", "busy"), ("RESOURCE_EXHAUSTED", "busy"), ("UNAUTHENTICATED", "login"), ("PERMISSION_DENIED", "login"),
     ("UNIMPLEMENTED", "path"), ("INTERNAL", "busy")],
)  # fmt: skip
def test_a_grpc_status_says_what_is_wrong(use, mode, what):
    with GrpcReceiver(grpc.StatusCode[mode]) as receiver:
        use(receiver.env)
        trouble = sent(span())
        assert (trouble.what, trouble.final) == (what, False)
        assert len(receiver.requests) == 1, "the disk is the retry"
    assert guard.lost.total() == 0


def test_an_endpoint_that_never_answers_is_given_up_in_time(receiver):
    receiver.mode = "hang"
    began = time.monotonic()
    assert sent(span(), timeout_s=0.3).what == "timeout"
    assert time.monotonic() - began < 3


def test_a_transfer_can_be_broken_off(receiver):
    receiver.mode = "hang"
    to = otlp.sender(30.0)
    seen = []

    def send():
        try:
            otlp.deliver(to, [span()], RESOURCE)
        except Trouble as trouble:
            seen.append(trouble.final)

    thread = threading.Thread(target=send)
    thread.start()
    until = time.monotonic() + 10
    while not receiver.requests and time.monotonic() < until:
        time.sleep(0.01)
    began = time.monotonic()
    to.interrupt()
    thread.join(10)
    assert time.monotonic() - began < 2
    assert seen == [False]


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_nothing_listens(use, protocol):
    use({"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_EXPORTER_OTLP_ENDPOINT": NOBODY})
    assert sent(span()).what == "connection"


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_nobody_knows_the_host(use, protocol):
    use({"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://no-such-host.invalid:4318"})
    assert sent(span(), timeout_s=20.0).what == "host"


def test_http_to_a_grpc_endpoint(use):
    with GrpcReceiver() as receiver:
        use(receiver.env | {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"})
        assert sent(span()).what == "protocol"


def test_grpc_to_an_http_endpoint(use):
    with Receiver() as receiver:
        use(receiver.env | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
        assert sent(span(), timeout_s=5.0).what == "protocol"


def test_an_endpoint_that_hangs_up(use):
    with talking(lambda connection, said: None) as port:
        use({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{HOST}:{port}"})
        assert sent(span()).what == "connection"


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_tls_to_an_endpoint_without(use, protocol):
    with Receiver() as receiver:
        use({"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://{HOST}:{receiver.port}"})
        assert sent(span(), timeout_s=5.0).what == "certificate"


def test_a_certificate_is_checked_and_accepted_when_it_is_named(use):
    certificate = Path(__file__).parents[1] / "localhost.pem"  # made for this test: its own authority, for 100 years
    with Receiver() as receiver:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        receiver._server.socket = tls.wrap_socket(receiver._server.socket, server_side=True)
        use({"OTEL_EXPORTER_OTLP_ENDPOINT": f"https://localhost:{receiver.port}"})
        assert sent(span()).what == "certificate"
        use({"OTEL_EXPORTER_OTLP_CERTIFICATE": str(certificate)})
        assert sent(span(5)) is None
        assert receiver.wait(1)[0].attributes["number"] == 5


def test_a_proxy_is_used_where_the_environment_names_one(use):
    with Receiver() as proxy:
        use({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.invalid:4318", "HTTP_PROXY": f"http://{HOST}:{proxy.port}"})
        sent(span())
        (request,) = proxy.requests
        assert request["path"] == "http://collector.invalid:4318/v1/traces"
        assert request["host"] == "collector.invalid:4318"
        use({"HTTP_PROXY": f"http://me:pass%20word@{HOST}:{proxy.port}"})
        sent(span())
        assert proxy.requests[-1]["proxy-authorization"] == "Basic bWU6cGFzcyB3b3Jk"
        use({"NO_PROXY": "*"})
        assert sent(span(), timeout_s=20.0).what == "host"


# -- trouble that stays: spans are lost, and counted ------------------------------------------------------------------------
def test_what_is_rejected_for_good_is_counted_and_does_not_stop_what_follows(use):
    with Receiver(400) as receiver:
        use(receiver.env)
        assert sent(span(1), span(2)) is None
        assert guard.lost == {"sending spans that the endpoint rejects": 2}
        receiver.mode = "take"
        assert sent(span(3)) is None
        assert [one.attributes["number"] for one in receiver.wait(1)] == [3]


def test_what_is_rejected_in_part_is_counted(receiver):
    receiver.rejecting = 2
    assert sent(span(1), span(2), span(3)) is None
    assert guard.lost == {"sending spans that the endpoint rejects": 2}


def test_a_request_that_is_too_large_is_halved(use, monkeypatch):
    """nginx takes 1 MB by default; the one span that is too large by itself is lost, and counted."""
    with Receiver() as receiver:
        use(receiver.env)
        to = otlp.sender()
        post = to._post

        def too_large(body):
            receiver.mode = 413 if len(body) > 1500 else "take"
            return post(body)

        monkeypatch.setattr(to, "_post", too_large)
        otlp.deliver(to, [span(1), span(2), span(3, note="x" * 5000), *(span(number) for number in range(4, 20))], RESOURCE)
        assert [one.attributes["number"] for one in receiver.wait(18)] == [1, 2, *range(4, 20)]
        assert guard.lost == {"sending spans that the endpoint rejects": 1}


def test_a_message_that_is_too_large_for_grpc_is_halved(use):
    """A gRPC server takes 4 MB by default."""
    with GrpcReceiver() as receiver:
        use(receiver.env)
        told = [span(number, note="x" * 500_000) for number in range(20)] + [span(20, note="x" * 5_000_000)]
        assert sent(*told, timeout_s=20.0) is None
        assert [one.attributes["number"] for one in receiver.wait(20)] == list(range(20))
        assert guard.lost == {"sending spans that the endpoint rejects": 1}


def test_a_grpc_endpoint_may_be_named_without_a_scheme(use):
    with GrpcReceiver() as receiver:
        use(receiver.env | {"OTEL_EXPORTER_OTLP_ENDPOINT": f"{HOST}:{receiver.port}", "OTEL_EXPORTER_OTLP_INSECURE": "true"})
        assert sent(span(1)) is None
        use({"OTEL_EXPORTER_OTLP_INSECURE": "false"})
        assert sent(span(2)).what == "certificate"


# -- variables that make no sense ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PROTOCOL", "http/json", "http/protobuf or grpc"),
        ("ENDPOINT", "collector:4318", "not a URL"),
        ("ENDPOINT", "ftp://collector", "not a URL"),
        ("ENDPOINT", "http://", "not a URL"),
        ("ENDPOINT", "http://collector:port", "not a URL"),
        ("TIMEOUT", "ten", "not a number"),
        ("COMPRESSION", "brotli", "gzip or none"),
        ("CERTIFICATE", "/no/such/file.pem", "certificate"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(use, name, value, says):
    use({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector:4318"})
    use({f"OTEL_EXPORTER_OTLP_{name}": value})
    with pytest.raises(Trouble, match=says) as trouble:
        otlp.sender()
    assert trouble.value.what == "address"


def test_the_defaults_are_those_of_the_standard(use):
    at = endpoint.read()
    assert (at.url, at.port, at.timeout_s, at.compression) == ("http://localhost:4318/v1/traces", 4318, 10.0, "none")
    use({"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "2.5", "OTEL_EXPORTER_OTLP_TIMEOUT": "7", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/base/"})
    at = endpoint.read()
    assert (at.url, at.port, at.path, at.timeout_s) == ("https://c/base/v1/traces", 443, "/base/v1/traces", 2.5)
