"""A certificate as old servers present it: self-signed, SHA-1, a short key, run out long ago.

Made when it is needed, from the seed of the dice: the same key every time, and none to keep. The
standard library can use certificates but not make them, hence the few lines of DER.
"""

from base64 import encodebytes
from functools import cache
from hashlib import sha1
from math import gcd

from crawler.practice.dice import dice

BITS = 1024
EXPONENT = 65537
FROM, UNTIL = "090101000000Z", "190101000000Z"
SEQUENCE, SET, INTEGER, BITS_TAG, OCTETS, NULL, OID, UTF8, TIME = (
    0x30, 0x31, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x17,
)  # fmt: skip
RSA = bytes.fromhex("2a864886f70d010101")
SHA1_RSA = bytes.fromhex("2a864886f70d010105")
SHA1 = bytes.fromhex("2b0e03021a")
COMMON_NAME = bytes.fromhex("550403")


@cache
def pem(name: str) -> str:
    """A private key and its certificate for `name`, as `ssl` loads them from one file."""
    p, q = _prime(name, 1), _prime(name, 2)
    n, d = p * q, pow(EXPONENT, -1, (p - 1) * (q - 1))
    key = _der(
        SEQUENCE,
        *map(_integer, (0, n, EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))),
    )
    own_name = _der(
        SEQUENCE, _der(SET, _der(SEQUENCE, _der(OID, COMMON_NAME), _der(UTF8, name.encode())))
    )
    signed = _der(
        SEQUENCE,
        _integer(n % 2**60),
        _algorithm(SHA1_RSA),
        own_name,
        _der(SEQUENCE, _der(TIME, FROM.encode()), _der(TIME, UNTIL.encode())),
        own_name,
        _der(SEQUENCE, _algorithm(RSA), _bits(_der(SEQUENCE, _integer(n), _integer(EXPONENT)))),
    )
    digest = _der(SEQUENCE, _algorithm(SHA1), _der(OCTETS, sha1(signed).digest()))  # noqa: S324
    padded = b"\x00\x01" + b"\xff" * (BITS // 8 - 3 - len(digest)) + b"\x00" + digest
    signature = pow(int.from_bytes(padded), d, n).to_bytes(BITS // 8)
    certificate = _der(SEQUENCE, signed, _algorithm(SHA1_RSA), _bits(signature))
    return _armoured("RSA PRIVATE KEY", key) + _armoured("CERTIFICATE", certificate)


def _prime(*seed: object) -> int:
    """A prime of half the bits, the top two of them set."""
    roll = dice("certificate", *seed)
    top = 0b11 << (BITS // 2 - 2)
    while True:
        found = roll.getrandbits(BITS // 2) | top | 1
        if gcd(found - 1, EXPONENT) == 1 and all(
            _may_be_prime(found, base) for base in (2, 3, 5, 7, 11, 13, 17, 19)
        ):
            return found


def _may_be_prime(number: int, base: int) -> bool:
    """Miller and Rabin, one base."""
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    power = pow(base, (number - 1) >> twos, number)
    if power in {1, number - 1}:
        return True
    return any((power := power * power % number) == number - 1 for _ in range(twos - 1))


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 128 | len(length))) + length + body


def _integer(value: int) -> bytes:
    return _der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _bits(body: bytes) -> bytes:
    return _der(BITS_TAG, b"\x00", body)


def _algorithm(oid: bytes) -> bytes:
    return _der(SEQUENCE, _der(OID, oid), _der(NULL))


def _armoured(what: str, body: bytes) -> str:
    return f"-----BEGIN {what}-----\n{encodebytes(body).decode()}-----END {what}-----\n"
