"""A version of a client that nobody knows: less is told of its calls, in one line; never nothing, never an error."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from recording import Recording, recording

from tellmetry.clients import CATALOGUE, arming
from tellmetry.clients.client import CALLS, Client, Place
from tellmetry.engine import patch

MODEL = "model-of-tomorrow"
_OPTIONS = SimpleNamespace(method="post", json_data={"model": MODEL, "messages": []})
_BEDROCK = SimpleNamespace(service_model=SimpleNamespace(service_name="bedrock-runtime"))
# Of each client: a place where its calls pass, what is passed there, and what its instance still has.
KNOWN: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], dict[str, Any]]] = {
    "openai": ("SyncAPIClient.request", (), {"cast_to": dict, "options": _OPTIONS}, {"url": "/chat/completions"}),
    "anthropic": ("SyncAPIClient.request", (), {"cast_to": dict, "options": _OPTIONS}, {"url": "/v1/messages"}),
    "groq": ("SyncAPIClient.request", (), {"cast_to": dict, "options": _OPTIONS}, {"url": "/openai/v1/chat/completions"}),
    "together": ("SyncAPIClient.request", (), {"cast_to": dict, "options": _OPTIONS}, {"url": "/chat/completions"}),
    "google_genai": ("Models._generate_content", (), {"model": MODEL, "contents": "Hi"}, {}),
    "mistralai": ("Chat.complete", (), {"model": MODEL, "messages": []}, {}),
    "cohere": ("V2Client.chat", (), {"model": MODEL, "messages": []}, {}),
    "ollama": ("Client.chat", (MODEL, []), {}, {}),
    "bedrock": ("BaseClient._make_api_call", ("Converse", {"modelId": MODEL}), {}, {"meta": _BEDROCK}),
    "huggingface_hub": ("InferenceClient.chat_completion", ([],), {"model": MODEL}, {}),
    "azure_ai_inference": ("ChatCompletionsClient.complete", (), {"model": MODEL, "messages": []}, {}),
    "litellm": ("completion", (MODEL, []), {}, {}),
}


class Answer(dict[str, Any]):
    """An answer whose every field has another name."""

    def __init__(self) -> None:
        super().__init__(reply_id="1", outputs=[{"words": "Hi"}], spent={"in": 1, "out": 1})
        vars(self).update(self)


def client(name: str) -> Client:
    return importlib.import_module(f"tellmetry.clients.{name}").CLIENT  # type: ignore[no-any-return]


def stub(place: Place, does: Callable[..., Any]) -> ModuleType:
    """Make a module that has this one place, and nothing else of what the client's modules had."""
    module = ModuleType(place.module)
    *outer, last = place.path.split(".")
    owner: Any = module
    for part in outer:
        setattr(owner, part, type(part, (), {}))
        owner = getattr(owner, part)
    setattr(owner, last, does)
    return module


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recording]:
    """Arm as in production, where our own errors are counted and said, before anything is imported."""
    with recording(tmp_path, strict=False) as told:
        arming.forget()
        yield told
        patch.disarm()


def call(name: str, does: Callable[..., Any]) -> Any:
    """Make one call through a client of which one place is left."""
    path, args, kwargs, left = KNOWN[name]
    place = next(one for one in client(name).places if one.path == path and one.role in CALLS)
    module = stub(place, does)
    arming.arm_module(client(name), module)
    owner, _, method = path.rpartition(".")
    target = module
    if owner:
        target = getattr(module, owner)()
        vars(target).update(left)
    if "options" in kwargs:
        kwargs["options"].url = left["url"]
    return getattr(target, method)(*args, **kwargs)


@pytest.mark.parametrize("name", KNOWN)
def test_renamed_fields(name: str, recorded: Recording, capfd: pytest.CaptureFixture[str]) -> None:
    """The call is told with its model and how long it took, and what could not be read is said, each thing once."""
    answer = Answer()
    capfd.readouterr()
    assert call(name, lambda *args, **kwargs: answer) is answer
    told = recorded.call
    assert (told.client, told.model, told.error_type, told.cost_usd) == (name, MODEL, None, None)
    assert told.duration_s > 0
    said = capfd.readouterr().err.splitlines()
    assert any("no field that we know" in line for line in said)
    assert len(said) == len(set(said))
    call(name, lambda *args, **kwargs: answer)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", KNOWN)
def test_an_unknown_error(name: str, recorded: Recording) -> None:
    """The app gets its error, and the record says which."""

    class LimitError(Exception):
        """One that we have never seen."""

    def fails(*args: Any, **kwargs: Any) -> Any:
        raise LimitError

    with pytest.raises(LimitError):
        call(name, fails)
    assert recorded.call.model == MODEL
    assert recorded.call.error_type == LimitError.__qualname__


@pytest.mark.parametrize("name", [row.name for row in CATALOGUE])
def test_no_place_left(name: str, recorded: Recording, capfd: pytest.CaptureFixture[str]) -> None:
    """That a client's calls cannot be seen is said, in one line a module."""
    for module in {place.module for place in client(name).places}:
        capfd.readouterr()
        arming.arm_module(client(name), ModuleType(module))
        (line,) = capfd.readouterr().err.splitlines()
        assert name in line
        assert "none of the places" in line


def test_every_client_that_calls_models_is_here() -> None:
    assert {row.name for row in CATALOGUE} >= set(KNOWN)
