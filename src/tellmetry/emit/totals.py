"""Two steps of the finish pipeline: what a call cost, and what a run adds up to."""

from __future__ import annotations

import os
import threading

from tellmetry import forking, names, prices, scope
from tellmetry.guard import guarded
from tellmetry.record import LISTED, Guardrail, ModelCall, Record, Retrieval, Run, ToolCall
from tellmetry.settings import Settings, complain

_PATIENCE_S = 10.0  # the longest that the worker waits for the price table before it loads it by itself
_adding = threading.Lock()  # calls of one run may end on several threads

# Operations that the provider's documentation says are free of charge.
_FREE = {("openai", "moderation"), ("azure.ai.openai", "moderation")}

_loaded = threading.Event()
_ready = False  # the same, in a sixth of the steps
_settings = Settings()


def configure(settings: Settings) -> None:
    """Load the price table beside whatever the app does next, so that no call waits for it."""
    global _settings, _ready
    _settings, _ready = settings, False
    _loaded.clear()
    threading.Thread(target=_load, name="tellmetry-prices", daemon=True).start()


@guarded("loading the price table")
def _load() -> None:
    """Load the app's own prices and the list; a file that cannot be read is said in one line and not used."""
    global _ready
    try:
        prices.load_custom(_settings.prices)
    except prices.PriceFileError as error:
        complain(f"{error} List prices are used.")
    try:
        with forking.importing:
            prices.preload(_settings.cache)
    finally:
        _ready = True
        _loaded.set()


def ready() -> bool:
    """Tell whether pricing a call takes microseconds."""
    return _ready


def _after_fork() -> None:
    global _adding
    _adding = threading.Lock()
    if _settings.armed and not _ready:  # the loading thread stayed behind
        configure(_settings)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def price(record: Record) -> None:
    """Price a call once; a call without a known price says so and has no cost."""
    if not isinstance(record, ModelCall) or record.cost_source is not None:
        return
    if record.error_type is not None and record.input_tokens is None:  # nobody is charged for it
        return
    if (record.provider, record.operation) in _FREE:
        record.cost_usd, record.cost_source = 0.0, names.FREE
        return
    if not _ready:
        _loaded.wait(_PATIENCE_S)
    cost = prices.quote(
        record.provider or "",
        (record.response_model, record.model),
        _usage(record),
        api_url=record.api_url,
        service_tier=record.response_tier or record.service_tier or record.request_tier,
        batch=record.batch,
        at=record.started_ns / 1e9,
    )
    if cost is None:
        record.cost_usd = record.reckoned_usd
        record.cost_source = names.UNPRICED if record.reckoned_usd is None else names.FROM_CLIENT
        return
    record.cost_usd = cost.usd
    record.cost_source = cost.source
    if cost.saved_usd:
        record.cache_saved_usd = cost.saved_usd


_UNITS = (
    ("input_tokens", "input_tokens"),
    ("output_tokens", "output_tokens"),
    ("cache_read_tokens", "cache_read_tokens"),
    ("reasoning_tokens", "output_reasoning_tokens"),
)
_RARE_UNITS = {
    "cache_write_tokens": "cache_write_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "cache_read_audio_tokens": "cache_audio_read_tokens",
    "input_image_tokens": "input_image_tokens",
    "output_image_tokens": "output_image_tokens",
    "web_searches": "web_searches",
    "search_units": "rerank_searches",
    "audio_seconds": "audio_seconds",
    "characters": "input_characters",
    "images": "images",
}


def _usage(call: ModelCall) -> prices.Usage:
    """Give what was counted, always in one order: a tariff has its plan ready for it."""
    told, usage = call.__dict__, {}
    for field, unit in _UNITS:
        counted = told.get(field)
        if counted is not None:
            usage[unit] = counted
    if not told.keys().isdisjoint(_RARE_UNITS):
        usage |= {unit: told[field] for field, unit in _RARE_UNITS.items() if told.get(field) is not None}
    return usage  # type: ignore[return-value]


def add_to_run(record: Record) -> None:
    """Add a finished record to the run it is part of."""
    run = record.run
    if run is None:
        return
    with _adding:
        _add(run, record)


def _add(run: Run, record: Record) -> None:
    if isinstance(record, ModelCall):
        _add_call(run, record)
    elif isinstance(record, Retrieval):
        run.retrieval_count = (run.retrieval_count or 0) + (record.count or 0)
        run.retrieval_sources = _more(run.retrieval_sources, record.sources or ())
    elif isinstance(record, Guardrail) and record.outcome is not None:
        scope.worsen(run, record.outcome, record.reason)
    elif isinstance(record, ToolCall) and record.tool is not None:
        run.tools = _more(run.tools, (record.tool,))


def _add_call(run: Run, call: ModelCall) -> None:
    run.calls = (run.calls or 0) + 1
    run.retries = (run.retries or 0) + (call.attempts or 1) - 1
    run.input_tokens = (run.input_tokens or 0) + (call.input_tokens or 0)
    run.output_tokens = (run.output_tokens or 0) + (call.output_tokens or 0)
    if call.error_type is not None:
        run.failed_calls = (run.failed_calls or 0) + 1
    if call.cost_usd is not None:
        run.cost_usd = (run.cost_usd or 0.0) + call.cost_usd
    elif call.cost_source == names.UNPRICED:
        run.unpriced_calls = (run.unpriced_calls or 0) + 1
    if call.guardrail_outcome is not None:
        scope.worsen(run, call.guardrail_outcome, call.guardrail_reason)
    if call.tools:
        run.tools = _more(run.tools, call.tools)
    if call.prompt_name is not None:
        run.prompt_name = call.prompt_name
    if call.prompt_version is not None:
        run.prompt_version = call.prompt_version


def _more(known: tuple[str, ...] | None, new: tuple[str, ...]) -> tuple[str, ...]:
    known = known or ()
    return (*known, *dict.fromkeys(item for item in new if item not in known))[:LISTED]
