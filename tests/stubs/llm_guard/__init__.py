"""A stub of LLM Guard's documented interface, since the package brings torch: its functions bound as it binds them."""

from .evaluate import scan_output, scan_prompt

__all__ = ("scan_output", "scan_prompt")
