"""Acme's client."""

from tellmetry.clients import methods
from tellmetry.clients.client import Client
from tellmetry.wire import chat_completions

CLIENT = Client(
    name="acme",
    package="acme-sdk",
    tested=("1.0", "2.3"),
    places=tuple(
        methods.method(
            "acme",
            f"acme.chat:{kind}.create",
            chat_completions,
            provider="acme",
            url=lambda chat: chat.base_url,
        )
        for kind in ("Chat", "AsyncChat")
    ),
)
