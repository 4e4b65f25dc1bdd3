"""Requests out of bytes."""

import pytest

from tellmetry.demo.provider.inbox import HttpError, Inbox

WHOLE = b"POST /a%20b?x=1 HTTP/1.1\r\nX-Key:  v \r\nContent-Length: 3\r\n\r\nabc"


def test_byte_by_byte():
    inbox = Inbox()
    for at in range(len(WHOLE) - 1):
        inbox.feed(WHOLE[at : at + 1])
        assert inbox.next() is None
    inbox.feed(WHOLE[-1:])
    request = inbox.next()
    assert (request.method, request.path, request.query, request.body) == ("POST", "/a b", "x=1", b"abc")
    assert request.headers == {"x-key": "v", "content-length": "3"}
    assert inbox.next() is None


def test_two_at_once():
    inbox = Inbox()
    inbox.feed(WHOLE + b"GET / HTTP/1.1\r\n\r\n")
    assert (inbox.next().method, inbox.next().method, inbox.next()) == ("POST", "GET", None)


def test_chunks_byte_by_byte():
    inbox = Inbox()
    data = b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"
    for at in range(len(data)):
        assert inbox.next() is None
        inbox.feed(data[at : at + 1])
    assert inbox.next().body == b"abc0123456789"


@pytest.mark.parametrize("data", [b"hello\r\n\r\n", b"GET / HTTP/3\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"])
def test_no_request(data):
    inbox = Inbox()
    inbox.feed(data)
    with pytest.raises(HttpError):
        inbox.next()
