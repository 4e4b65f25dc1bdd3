"""HTTP as any client may speak it: whole, in pieces, many at once, or not at all."""

import asyncio
import json
import socket
import threading

import httpx2
from openai import AsyncOpenAI

CHAT = "/v1/chat/completions"


def body(text="Hi", **more):
    return json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]} | more).encode()


def request(payload, *headers, version="1.1"):
    lines = [f"POST {CHAT} HTTP/{version}", "Host: x", "Authorization: Bearer sk-raw", *headers]
    if not any(line.lower().startswith("transfer-encoding") for line in headers):
        lines.append(f"Content-Length: {len(payload)}")
    return "\r\n".join([*lines, "", ""]).encode() + payload


def connect(provider):
    return socket.create_connection(("127.0.0.1", int(provider.url.rpartition(":")[2])), timeout=60)


def read_reply(sock):
    """Read one reply with a content-length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += sock.recv(65536)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(rest) < length:
        rest += sock.recv(65536)
    return int(head.split()[1]), json.loads(rest[:length]), rest[length:]


def test_one_connection_serves_many_requests(provider):
    with connect(provider) as sock:
        for _ in range(3):
            sock.sendall(request(body()))
            assert read_reply(sock)[0] == 200
    assert provider.bill.total(key="sk-raw").answered == 3


def test_requests_in_pieces_and_back_to_back(provider):
    data = request(body("first")) + request(body("[[slow=0.05]]")) + request(body("third"))
    with connect(provider) as sock:
        for at in range(0, len(data), 97):
            sock.sendall(data[at : at + 97])
        rest = b""
        replies = 0
        while replies < 3:
            rest += sock.recv(65536)
            replies = rest.count(b"HTTP/1.1 200 OK")
    assert provider.bill.total().answered == 3


def test_a_chunked_request(provider):
    payload = body()
    chunks = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(p), p) for p in (payload[:10], payload[10:])) + b"0\r\n\r\n"
    with connect(provider) as sock:
        data = request(chunks, "Transfer-Encoding: chunked")
        for at in range(0, len(data), 31):
            sock.sendall(data[at : at + 31])
        assert read_reply(sock)[0] == 200
        sock.sendall(request(payload))
        assert read_reply(sock)[0] == 200


def test_connections_that_are_not_kept(provider):
    for data in (request(body(), "Connection: close"), request(body(), version="1.0")):
        with connect(provider) as sock:
            sock.sendall(data)
            assert read_reply(sock)[0] == 200
            assert sock.recv(10) == b""


def test_bytes_that_are_no_http(provider):
    for data in (
        b"nonsense\r\n\r\n",
        b"GET /bill HTTP/2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        request(b"zz\r\n", "Transfer-Encoding: chunked"),
        b"x" * 300_000,
    ):
        with connect(provider) as sock:
            sock.sendall(data)
            assert read_reply(sock)[0] == 400
            assert sock.recv(10) == b""
    assert provider.bill.total().received == 0


def test_bodies_that_the_real_api_would_refuse(provider):
    bad = [b"{", b"[]", b"{}", b'{"model": "x"}', b'{"model": "x", "messages": ["y"]}', b'{"model": 3, "messages": []}', b"\xff"]
    bad += [body(n=0), body(n="2"), body(stream_options=7, stream=True), body(response_format={"type": "json_schema"})]
    with connect(provider) as sock:
        for payload in bad:
            sock.sendall(request(payload))
            status, reply, _ = read_reply(sock)
            assert (status, reply["error"]["type"]) == (400, "invalid_request_error")
    assert provider.bill.total().failed == {"400": len(bad)}


def test_a_path_that_is_not_served_is_a_stray(provider):
    for method, path in (("POST", "/v1/nowhere"), ("GET", "/v1/chat/completions")):
        assert httpx2.request(method, provider.url + path).status_code == 404
    assert provider.bill.strays == 2
    provider.reset()


def test_a_large_body(provider):
    with connect(provider) as sock:
        sock.sendall(request(body("x" * 4_000_000)))
        status, reply, _ = read_reply(sock)
    assert (status, reply["usage"]["prompt_tokens"]) == (200, 1_000_000)


def test_a_client_that_does_not_read_is_waited_for_and_then_cut(provider):
    # a text of ten million characters in fifty chunks: more than any socket buffers
    schema = {"type": "json_schema", "json_schema": {"schema": {"type": "string", "minLength": 10_000_000}}}
    with connect(provider) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(request(body("[[chunks=50]]", stream=True, response_format=schema)))
        assert b"200 OK" in sock.recv(100)
        assert not provider.bill.settled(0.05)
    assert provider.bill.settled()
    cut = provider.bill.total().cut
    assert cut.calls == 1
    assert 0 < cut.usage.output < 2_500_000


def test_a_long_stream_arrives_whole(openai, provider):
    stream = openai.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "[[chunks=3000]]"}], stream=True
    )
    text = "".join(c.choices[0].delta.content or "" for c in stream if c.choices)
    assert text == "".join(f"w{i} " for i in range(3000))
    assert provider.bill.total().untold.usage.output == -(-len(text) // 4)


async def test_a_hundred_streams_at_once(provider):
    async with AsyncOpenAI(base_url=provider.openai_url, api_key="sk-many") as client:

        async def one(number):
            stream = await client.chat.completions.create(
                model="gpt-4o-mini",
                messages=[{"role": "user", "content": f"[[chunks=5 delay_ms=10 input={number} output=5]]"}],
                stream=True,
                stream_options={"include_usage": True},
            )
            return [c.usage.prompt_tokens async for c in stream if c.usage]

        told = await asyncio.gather(*(one(number) for number in range(100)))
    assert [usage for (usage,) in told] == list(range(100))
    complete = provider.bill.total(key="sk-many").complete
    assert (complete.calls, complete.usage.input, complete.usage.output) == (100, 4950, 500)


def test_a_hundred_threads_at_once(provider):
    statuses = []

    def one():
        with connect(provider) as sock:
            for _ in range(5):
                sock.sendall(request(body()))
                statuses.append(read_reply(sock)[0])

    threads = [threading.Thread(target=one) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 500
    assert provider.bill.total().answered == 500
