"""A loopback LLM provider that speaks OpenAI's and Anthropic's wire formats and keeps an exact bill.

    with Provider() as p:
        client = OpenAI(base_url=p.openai_url, api_key="sk-demo")
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello"}])
        print(p.bill.total().usd)

or `python -m tellmetry.demo.provider --port 8080`. It uses the standard library only and listens on loopback only.

Endpoints, after any path prefix: chat/completions, responses, completions, embeddings, moderations, messages,
messages/count_tokens. `GET /bill` shows the bill (`?key=`, `?endpoint=` and `?model=` choose lines),
`POST /bill/reset` starts a new one.

**Scripts.** `[[word word=value …]]` in the last user message (or the input, or the prompt), in the header
`x-provider-script`, or given to `Provider.script`, changes how a request is answered. Values with spaces are quoted
as in a shell. Several groups may stand in one text; a later word overrides an earlier one. A directive that cannot be
read is a 400, never ignored. `--words` on the command line lists every word; the most used:

    [[status=429 times=2 retry_after_ms=5]]     fail the first two attempts of each call
    [[usage cached=256 reasoning=64 input=412 output=99]]   the API's own counts
    [[chunks=20 delay_ms=5 first_chunk_delay_ms=80]]        shape of a stream
    [[cut_after=3]]  [[error_event]]  [[malformed]]         streams that break
    [[hold_after=3]]                            send three chunks, then wait until the client leaves
    [[tool=lookup args='{"q": "x"}']]  [[refuse]]  [[length]]  [[content_filter]]  [[flagged]]  [[say='Hi there']]

`times=N` counts the attempts of each call, by the retry header of the official clients; for a client without it, and
for `first=N` always, requests of equal key, path and body are counted.

**Tokens.** One for every four characters begun: of all message text (system, tool results; no tool schemas) for the
input, of all answer text, tool names and arguments for the output. Parts set by a directive (cached, written, audio,
reasoning) come on top unless `input` or `output` is set too.

**The bill.** One line for each API key, endpoint and model asked for: requests, failures by status, and tokens and
dollars by how the call ended (see `tally.Line`). Prices are in `prices.py`, written by hand.
"""

from tellmetry.demo.provider.bill import Bill, key_id
from tellmetry.demo.provider.book import Rule
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import ScriptError
from tellmetry.demo.provider.server import Provider
from tellmetry.demo.provider.tally import Line, Tally
from tellmetry.demo.provider.usage import Usage, tokens

__all__ = [
    "Bill",
    "Line",
    "Provider",
    "Request",
    "Rule",
    "ScriptError",
    "Tally",
    "Usage",
    "key_id",
    "tokens",
]
