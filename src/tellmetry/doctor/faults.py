"""Every fault that `doctor` can find, once: exit code, name, meaning. The lowest code found is the exit code."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that keeps telemetry from being whole."""

    code: int
    name: str
    says: str


OFF = Fault(10, "off", "TELLMETRY is not set, or says off: nothing is recorded")
MODE = Fault(11, "mode", "TELLMETRY has a value that it does not know: nothing is recorded")
SDK_DISABLED = Fault(12, "sdk-disabled", "OTEL_SDK_DISABLED switches everything off")
SETTING = Fault(13, "setting", "another TELLMETRY_* variable has a value that it does not know")
UNKNOWN = Fault(14, "unknown-setting", "a TELLMETRY_* variable is none of ours")

PTH = Fault(20, "not-armed", "TELLMETRY alone does not arm this Python")
NO_CLIENT = Fault(21, "no-client", "no client that we know is installed")
CLIENT_BROKEN = Fault(22, "client-broken", "an installed client cannot be imported")
PLACES = Fault(23, "places", "an installed client has none of the places where its calls are seen")

PROVIDER = Fault(30, "provider", "OTEL_PYTHON_TRACER_PROVIDER names a provider that is not installed")
SAMPLER = Fault(31, "sampler", "the sampler leaves out spans before they are counted")

ADDRESS = Fault(40, "endpoint-variable", "an OTEL_EXPORTER_OTLP_* variable makes no sense")
HOST = Fault(41, "endpoint-host", "the endpoint's host name is unknown")
CONNECTION = Fault(42, "endpoint-connection", "nothing listens at the endpoint, or it hangs up")
TIMEOUT = Fault(43, "endpoint-timeout", "the endpoint does not answer")
CERTIFICATE = Fault(44, "endpoint-certificate", "the endpoint's certificate is not accepted")
PROTOCOL = Fault(45, "endpoint-protocol", "the endpoint speaks another protocol")
PATH = Fault(46, "endpoint-path", "the endpoint does not take traces at this path (404)")
LOGIN = Fault(47, "endpoint-login", "the endpoint wants other credentials (401, 403)")
BUSY = Fault(48, "endpoint-busy", "the endpoint has trouble of its own (429, 5xx)")
REDIRECT = Fault(49, "endpoint-redirect", "the endpoint sends us elsewhere (3xx)")
REJECTED = Fault(50, "endpoint-rejects", "the endpoint rejects an empty request (400, 413)")
ODD = Fault(51, "endpoint-odd", "the endpoint answers something that we do not understand")

UNWRITABLE = Fault(60, "store-unwritable", "the store cannot be written")
FULL = Fault(61, "store-full", "the disk of the store is all but full")
TORN = Fault(62, "store-torn", "the store has damaged lines")
WAITING = Fault(63, "store-waiting", "spans wait in the store although the endpoint takes spans")
LOST = Fault(64, "lost", "spans were lost in the last day")

PRICE_FILE = Fault(70, "price-file", "your price file cannot be used")
PRICE_LIST = Fault(71, "price-list", "the price list cannot be loaded")
PRICE_AGE = Fault(72, "price-age", "the price list is old")

CLOCK = Fault(80, "clock", "this machine's clock is wrong")

FAULTS: tuple[Fault, ...] = (
    OFF, MODE, SDK_DISABLED, SETTING, UNKNOWN, PTH, NO_CLIENT, CLIENT_BROKEN, PLACES, PROVIDER, SAMPLER, ADDRESS, HOST,
    CONNECTION, TIMEOUT, CERTIFICATE, PROTOCOL, PATH, LOGIN, BUSY, REDIRECT, REJECTED, ODD, UNWRITABLE, FULL, TORN,
    WAITING, LOST, PRICE_FILE, PRICE_LIST, PRICE_AGE, CLOCK,
)  # fmt: skip
