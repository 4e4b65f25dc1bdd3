"""What a call used and what it cost: the two shapes that go in and out of `quote`."""

from __future__ import annotations

from typing import NamedTuple, TypedDict


class Usage(TypedDict, total=False):
    """Count what a call used, by genai-prices' names; leave out what was not reported.

    A specific count is part of the general one: `input_tokens` include cached, audio and image
    tokens, `output_tokens` include reasoning and audio. When the program runs it is a plain dict;
    None means not reported.
    """

    input_tokens: int | float | None
    output_tokens: int | float | None
    cache_read_tokens: int | float | None
    cache_write_tokens: int | float | None
    cache_write_5m_tokens: int | float | None
    cache_write_1h_tokens: int | float | None
    input_text_tokens: int | float | None
    output_text_tokens: int | float | None
    cache_text_read_tokens: int | float | None
    cache_text_write_tokens: int | float | None
    cache_text_write_5m_tokens: int | float | None
    cache_text_write_1h_tokens: int | float | None
    input_audio_tokens: int | float | None
    output_audio_tokens: int | float | None
    cache_audio_read_tokens: int | float | None
    cache_audio_write_tokens: int | float | None
    cache_audio_write_5m_tokens: int | float | None
    cache_audio_write_1h_tokens: int | float | None
    input_image_tokens: int | float | None
    output_image_tokens: int | float | None
    cache_image_read_tokens: int | float | None
    cache_image_write_tokens: int | float | None
    cache_image_write_5m_tokens: int | float | None
    cache_image_write_1h_tokens: int | float | None
    input_video_tokens: int | float | None
    output_video_tokens: int | float | None
    cache_video_read_tokens: int | float | None
    cache_video_write_tokens: int | float | None
    cache_video_write_5m_tokens: int | float | None
    cache_video_write_1h_tokens: int | float | None
    input_tool_tokens: int | float | None
    input_text_tool_tokens: int | float | None
    input_audio_tool_tokens: int | float | None
    input_image_tool_tokens: int | float | None
    input_video_tool_tokens: int | float | None
    output_reasoning_tokens: int | float | None
    output_text_reasoning_tokens: int | float | None
    output_audio_reasoning_tokens: int | float | None
    output_image_reasoning_tokens: int | float | None
    output_video_reasoning_tokens: int | float | None
    output_citation_tokens: int | float | None
    output_text_citation_tokens: int | float | None
    output_audio_citation_tokens: int | float | None
    output_image_citation_tokens: int | float | None
    output_video_citation_tokens: int | float | None
    input_characters: int | float | None
    input_text_messages: int | float | None
    audio_seconds: int | float | None
    input_audio_seconds: int | float | None
    output_audio_seconds: int | float | None
    input_pixels: int | float | None
    input_document_pages: int | float | None
    input_annotated_document_pages: int | float | None
    rerank_searches: int | float | None
    web_searches: int | float | None
    social_searches: int | float | None
    storage_searches: int | float | None
    code_executions: int | float | None
    images: int | float | None  # ours: a custom file may price them, the list does not


class Cost(NamedTuple):
    """Say what a call cost, in US dollars, and where the price is from.

    `saved_usd` is what tokens read from the cache would have cost more at the full input price,
    `premium_usd` what tokens written to it cost more than that. They stay apart so that both only
    grow and add up as counters; whether caching pays is their difference. `unpriced` names units
    that were used and have no price: they are not in `usd`.
    """

    usd: float
    saved_usd: float
    source: str
    premium_usd: float = 0.0
    unpriced: tuple[str, ...] = ()
