"""The proxy that the environment wants between us and the endpoint, as other programs read it."""

from __future__ import annotations

import os
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tellmetry.emit.endpoint import Endpoint
from tellmetry.emit.trouble import Trouble


class Proxy(NamedTuple):
    """Where it is, and how it knows us."""

    host: str
    port: int
    headers: dict[str, str]


def find(at: Endpoint) -> Proxy | None:
    """Give the proxy on the way to an endpoint, or None; raises Trouble where it is named by what is no URL."""
    scheme = "https" if at.secure else "http"
    if not any(name.lower() == f"{scheme}_proxy" for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass  # 20 ms that few need

    named = getproxies().get(scheme)
    if not named or proxy_bypass(at.host):
        return None
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        return Proxy(parts.hostname or "", parts.port or 80, _login(parts.username, parts.password))
    except ValueError:
        raise Trouble("address", f"the proxy that {scheme}_proxy names is not a URL") from None


def _login(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"proxy-authorization": f"Basic {b64encode(pair).decode()}"}
