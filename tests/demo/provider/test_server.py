"""The provider in this process: its life, its bill over HTTP, and forks."""

import os
import socket

import httpx2
import pytest
from openai import OpenAI

from tellmetry.demo.provider import Provider


def ask(provider, text="[[input=1000 output=10]]", **more):
    client = OpenAI(base_url=provider.openai_url, api_key="sk-a", max_retries=0)
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}], **more)


def test_the_bill_over_http():
    with Provider() as provider:
        ask(provider)
        bill = httpx2.get(f"{provider.url}/bill").json()
        assert bill == provider.bill.as_json()
        (line,) = bill["lines"]
        assert (line["key"], line["endpoint"], line["model"]) == ("sk-a", "chat", "gpt-4o")
        assert (line["received"], line["answered"], line["failed"]) == (1, 1, {})
        assert float(line["complete"]["usd"]) == 0.0026
        assert bill["total"]["usd"] == line["usd"] == line["complete"]["usd"]
        assert (bill["open"], bill["strays"]) == (0, 0)
        assert httpx2.get(f"{provider.url}/bill?model=gpt-4o&key=sk-a").json()["lines"] == [line]
        assert httpx2.get(f"{provider.url}/bill?endpoint=messages").json()["lines"] == []
        assert httpx2.get(f"{provider.url}/bill?modle=gpt-4o").status_code == 400
        after = httpx2.post(f"{provider.url}/bill/reset").json()
        assert (after["lines"], after["total"]["received"]) == ([], 0)


def test_the_port_is_free_again():
    with Provider() as provider:
        ask(provider)
        port = int(provider.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with Provider(port) as again:
        ask(again)
        assert again.url.endswith(f":{port}")
        assert again.bill.total().received == 1


def test_it_listens_on_loopback_only():
    with Provider() as provider:
        assert provider._socket.getsockname()[0] == "127.0.0.1"


def test_requests_are_kept_when_asked():
    with Provider(keep_requests=2) as provider:
        for number in range(3):
            ask(provider, f"number {number}")
        assert [b"number 1" in r.body for r in provider.requests] == [True, False]
        assert provider.requests[-1].headers["x-stainless-lang"] == "python"
    with Provider() as provider:
        ask(provider)
        assert not provider.requests


def test_stopping_hangs_up_on_open_streams():
    with Provider() as provider:
        bill = provider.bill
        stream = ask(provider, "[[hold_after=1]]", stream=True)
        next(stream)
    assert bill.settled(0)
    assert bill.total().cut.calls == 1


def seen_before_the_cut(provider):
    seen = []
    with pytest.raises(Exception) as caught:
        for chunk in ask(provider, "[[chunks=5 cut_after=2]]", stream=True):
            seen += filter(None, [chunk.choices[0].delta.content])
    assert "peer closed connection" in f"{caught.value} {caught.value.__cause__}"
    return seen


def test_forked_workers_call_the_parent():
    with Provider() as provider:
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    ask(provider)
                    status = 0 if seen_before_the_cut(provider) == ["w0 ", "w1 "] else 2
                finally:
                    os._exit(status)
            children.append(child)
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
        total = provider.bill.total()
        assert (total.complete.calls, total.broken.calls) == (4, 4)
