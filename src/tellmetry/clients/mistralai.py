"""Mistral's client. 1.x keeps its modules in `mistralai`, later majors in `mistralai.client`."""

from __future__ import annotations

from typing import Any

from tellmetry.clients import listening, stepping
from tellmetry.clients.client import Client, Place
from tellmetry.clients.methods import method
from tellmetry.engine.call import Call
from tellmetry.engine.traced import settle
from tellmetry.wire import embeddings, mistral, mistral_moderations

_METHODS = (
    ("chat:Chat", ("complete", "stream"), mistral),
    ("fim:Fim", ("complete", "stream"), mistral),
    ("agents:Agents", ("complete", "stream"), mistral),
    ("embeddings:Embeddings", ("create",), embeddings),
    ("classifiers:Classifiers", ("moderate", "moderate_chat"), mistral_moderations),
)
_STREAMS = (("EventStream", "__next__", "__exit__"), ("EventStreamAsync", "__anext__", "__aexit__"))
_ROOTS = ("mistralai", "mistralai.client")


def _url(instance: Any) -> str:
    return str(instance.sdk_configuration.get_server_details()[0])


def _follow(call: Call, result: Any) -> Any:
    return stepping.follow(call, result) if hasattr(result, "generator") else settle(call, result)


CLIENT = Client(
    name="mistralai",
    package="mistralai",
    tested=("1.12.4", "3.7.0"),
    places=(
        *(
            method(
                "mistralai", f"{root}.{where}.{name}{suffix}", wire,
                provider="mistral_ai", url=_url, follow=_follow, attempts=0,
            )
            for root in _ROOTS
            for where, names, wire in _METHODS
            for name in names
            for suffix in ("", "_async")
        ),
        *(
            place
            for root in _ROOTS
            for kind, step, leave in _STREAMS
            for place in stepping.places(f"{root}.utils.eventstreaming", kind, (step,), (leave, "close"))
        ),
        *(
            Place(f"{root}.{where}", path, heard, "attempts, waits and statuses")
            for root in _ROOTS
            for where, path, heard in (
                ("_hooks.sdkhooks", "SDKHooks.before_request", listening.sent),
                ("_hooks.sdkhooks", "SDKHooks.after_success", listening.answered),
                ("utils.retries", "_get_sleep_interval", listening.refused),
            )
        ),
    ),
)  # fmt: skip
