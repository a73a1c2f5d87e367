"""Exchanges as hostile as the portals that send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive import Exchange

T0 = datetime(2026, 11, 22, 2, 13, 5, 123456, tzinfo=UTC)
HTML = "<html><title>政府信息公开年度报告</title></html>".encode("gb18030")


def exchange(path="/", response=None, *, seconds=0, **changes):
    url = changes.pop("url", f"http://www.yanshi.test{path}")
    facts = {"kind": "document", "elapsed_ms": "12", **changes.pop("facts", {})}
    if response is None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
        response = head % len(HTML) + HTML
    request = f"GET {path} HTTP/1.1\r\nHost: www.yanshi.test\r\n\r\n".encode()
    at = changes.pop("at", T0 + timedelta(seconds=seconds))
    given = {"ip": "127.0.0.1", **changes}
    return Exchange(url, given.pop("request", request), response, at, facts=facts, **given)


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
    b'5;name="v"\r\nhello\r\n6 \r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n'
)
ODD = {
    "plain": {},
    "chunked": {"response": CHUNKED},
    "false chunked": {"response": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>"},
    "gbk headers": {
        "response": b"HTTP/1.1 200 \xc8\xb7\xb6\xa8\r\nContent-Disposition: x=\xb9\xab\xbf\xaa\r\n"
        b"set-cookie: a\r\nSET-COOKIE: b\r\nno colon here\r\n folded\r\n\r\n\x00\xff"
    },
    "lf only": {"response": b"HTTP/1.0 200 OK\nContent-Type: TEXT/Html;charset=gbk\n\nbody\n\r\n"},
    "empty body": {"response": b"HTTP/1.1 204 No Content\r\n\r\n"},
    "head cut": {"response": b"HTTP/1.1 200 OK\r\nContent-Le", "truncated": "disconnect"},
    "no http": {"response": b"SSH-2.0-OpenSSH_9.6\r\n"},
    "body cut": {
        "response": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "truncated": "length",
        "error": "ResponseDataLoss\nof 6 bytes",
    },
    "redirect": {"response": b"HTTP/1.1 302 Found\r\nLocation: /\xc3\xf1.htm\r\n\r\n"},
    "refused": {"response": b"", "error": "connection refused", "truncated": "unspecified"},
    "no bytes at all": {"response": b"", "request": b"", "error": "拒绝\\n"},
    "unasked": {"request": b""},
    "post": {
        "request": b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nkw=\xd5\xfe\xb8\xae&a",
        "method": "POST",
        "tls": ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"),
        "ip": None,
    },
    "interim": {"response": b"HTTP/1.1 103 Early\r\nLink: \xb9\r\n\r\nHTTP/1.1 404 Gone\r\n\r\nno"},
    "interim alone": {"response": b"HTTP/1.1 100 Continue\r\n\r\n"},
    "magic": {"response": b"HTTP/1.1 200 OK\r\n\r\n" + b"\x1f\x8b\x08\x00" * 40},
    "facts": {
        "facts": {"via": "http://a.test/列表\\x", "note": " a\r\nb \u2028\udc80 ", "empty": ""}
    },
    "big": {"response": b"HTTP/1.1 200 OK\r\n\r\n" + bytes(range(256)) * 2000},
}


def odd():
    return [
        exchange(f"/{number}", seconds=number, **dict(facts))
        for number, facts in enumerate(ODD.values())
    ]
