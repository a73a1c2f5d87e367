"""When two URLs are one, and which URLs may belong to a trap.

`canonical` serves fingerprints only: what is fetched is the URL as it was found. Too timid, and a
page is fetched twice; too bold, and a document is lost. So every rule is one that servers keep.

| rule                            | example → canonical                                        |
|---------------------------------|------------------------------------------------------------|
| http and https, `www.` and bare | `https://www.a.cn/x` → `http://a.cn/x`                      |
| case of scheme and host, IDN    | `HTTP://A.cn./x` → `http://a.cn/x`                          |
| ports of http and https         | `https://a.cn:443/x` → `http://a.cn/x`                      |
| no path, no query               | `http://a.cn?` → `http://a.cn/`                             |
| dot segments                    | `/a/./b/../c` → `/a/c`                                      |
| escapes of plain characters     | `/%7ea%2db` → `/~a-b`; `%d6%d0` → `%D6%D0`, never decoded   |
| what must be escaped            | `/年报 1` → `/%E5%B9%B4%E6%8A%A5%201`, as it is sent         |
| order of parameters             | `?b=1&a=2&a=1` → `?a=2&a=1&b=1` (one name: order kept)      |
| session ids                     | `;jsessionid=…`, `/(S(…))/`, `?PHPSESSID=…`, `?sid=<hex>`   |
| traces of visitors              | `utm_*`, `spm`, `_=<ms>`, `rnd=0.123…`                      |
| fragment                        | `#top` dropped; `#!/…` and `#/…` kept: a script's own routes |
|                                 | and so is `/gkmlpt/index#30901`, a category                |
| host, where the portal says so  | `canonical(url, "www.new.cn")`: counted under that host     |

Kept apart: `/x` and `/x/`, `index.html` and `/`, `//` and `/`, upper and lower case in paths.
Each origin has a robots.txt of its own, so theirs are no twins: fingerprint them as they are.

`pattern_of` names the family that a listing belongs to when a server could make up more of its
kind for ever: pages, dates, paths that repeat themselves. Articles with an id belong to none.
"""

from __future__ import annotations

import re
from urllib.parse import quote

VISITOR = (
    r"(?:jsessionid|phpsessid|asp(?:net_)?sessionid\w*|session_?id|sessid|cfid|cftoken"
    r"|utm_\w+|spm|isappinstalled)(?:=[^&]*)?"
    r"|sid=[0-9a-f]{16,}"
    r"|(?:_|_?t|ts|r|rnd|rand|random|timestamp)=(?:1\d{12}|0\.\d{6,}|\d\.\d+e-\d+)"
)
# Most URLs are canonical but for scheme and www; a path that holds "/." is looked at closely.
PLAIN = re.compile(
    r"https?://(?:www\.)?"
    r"((?!www\.)[a-z0-9-]+\.[a-z0-9.-]*[a-z0-9]/[\w/.~-]*"
    rf"(?:\?(?!(?i:{VISITOR})$)\w+=[\w.-]*)?)",
    re.ASCII,
)
WHOLE = re.compile(
    r"https?://(?P<user>[^/?#@]*@)?(?P<host>\[[^]/?#]*\]|[^:/?#]*)(?::(?P<port>\d*))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#(?P<route>.*))?",
    re.IGNORECASE | re.DOTALL,
)
OF_VISITOR = re.compile(rf"&(?:{VISITOR})(?=&|$)", re.IGNORECASE)
IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sessionid|sid)=[^/;]*"
    r"|/\((?:[A-Z]\([^()/]*\))+\)(?=/)",  # ASP.NET without cookies
    re.IGNORECASE,
)
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
SENT_AS_IS = "%/:=&?~+!$,;'@()*[]|"  # the rest is escaped on the wire, as UTF-8
UNSENDABLE = re.compile(r"[^\w%/:=&?~+!$,;'@()*\[\]|.-]", re.ASCII)
ESCAPE = re.compile(r"%(?![89A-F][0-9A-F])([0-9A-Fa-f]{2})")  # not those that are right already

DEEPEST = 20  # segments of a path
REPEATS = re.compile(r"(/.+?)\1{2,}(?=/|$)")
PAGED_PATH = re.compile(
    r"(/(?:page|pages|p|pn)/|/(?:index|list|page|default|more|p)(?:[\w-]*[_-])?)\d{1,6}"
    r"(?=(?:\.\w+)?/?$)",
    re.IGNORECASE,
)
DATED_PATH = re.compile(r"/[12]\d{3}(?:/$|[/-]?[01]?\d(?:[/-]?[0-3]?\d)?(?:/?$|\.\w+$))")
PAGED = re.compile(
    r"(?:cur|current|now|to|list)?_?pages?_?(?:no|num|number|index|id)?|pn|pg|paged"
    r"|start|offset|skip|(?:start|end)_?(?:record|row|index)",
    re.IGNORECASE,
)
DATED = re.compile(
    r"(?:\w+_|start|begin|end|from|to|pub|cal\w*)?(?:date|year|month|day)"
    r"|y|m|d|ym|ymd|rq|riqi|nian|yue",
    re.IGNORECASE,
)
DATE = re.compile(r"[12]\d{3}[-/.]\d{1,2}(?:[-/.]\d{1,2})?")


def canonical(url: str, host: str = "") -> str:
    """The one form of all URLs that mean this page; `host` is the name a portal counts it under.

    What is no http(s) URL comes back as it is. `canonical(canonical(url)) == canonical(url)`.
    """
    plain = PLAIN.fullmatch(url)
    if plain and not host and "/." not in url:
        return "http://" + plain[1]
    parts = WHOLE.fullmatch(url.strip())
    if not parts or not parts["host"]:
        return url
    where, port = _host(host or parts["host"]), parts["port"]
    if port not in {None, "", "80", "443"}:  # as http and https are one, so are their ports
        where += ":" + port
    path = _without_dots(IN_PATH.sub("", _escaped(parts["path"] or "/")))
    query = _query(parts["query"]) if parts["query"] else ""
    route = parts["route"] or ""
    routed = route.startswith(("!", "/")) or (route.isdecimal() and path.startswith("/gkmlpt/"))
    kept = "#" + route if routed else ""
    return f"http://{parts['user'] or ''}{where}{path}{query}{kept}"


def pattern_of(url: str) -> str:
    """The pattern whose members are counted, with `*` for what varies; "" for most URLs.

    A first page and a page without a number belong to none. Only listings are worth counting:
    documents hang on them, and ten thousand dated articles are an archive, not a trap.
    """
    whole = canonical(url).removeprefix("http://")
    body, hash_, route = whole.partition("#")
    place, mark, query = body.partition("?")
    origin, slash, path = place.partition("/")
    counted = (
        origin + _counted_path(slash + path) + mark + "&".join(map(_counted, query.split("&")))
    )
    counted += hash_ + _counted_path(route)
    return counted if counted != whole else ""


def _host(host: str) -> str:
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return host
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def _escaped(text: str) -> str:
    """Escapes in one spelling. Bytes stay bytes: a GBK escape is never read as a character."""
    if UNSENDABLE.search(text):
        text = quote(text, safe=SENT_AS_IS, errors="surrogatepass")
    return ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in UNRESERVED else found[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986 §5.2.4 for an absolute path."""
    if "/." not in path:
        return path
    kept: list[str] = []
    *folders, last = path.split("/")[1:]
    for segment in folders:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if last == "..":
        del kept[-1:]
    return "/".join(["", *kept, "" if last in {".", ".."} else last])


def _query(query: str) -> str:
    pairs = [pair for pair in OF_VISITOR.sub("", "&" + _escaped(query)).split("&") if pair]
    pairs.sort(key=_name)
    return "?" + "&".join(pairs) if pairs else ""


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _counted_path(path: str) -> str:
    segments = path.split("/")
    if len(segments) - len(set(segments)) > 1 and (found := REPEATS.search(path)):
        return f"{path[: found.start()]}{found[1]}/*{path[found.end() :]}"
    if len(segments) > DEEPEST:
        return "/".join(segments[:4]) + "/*"
    path, paged = PAGED_PATH.subn(r"\1*", path)
    if not paged and (found := DATED_PATH.search(path)):
        return path[: found.start()] + "/*"
    return path


def _counted(pair: str) -> str:
    name, _, value = pair.partition("=")
    if PAGED.fullmatch(name):
        varies = value.isdecimal() and int(value) > 1
    else:
        varies = bool(DATE.fullmatch(value)) or (value.isdecimal() and bool(DATED.fullmatch(name)))
    return f"{name}=*" if varies else pair
