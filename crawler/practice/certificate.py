"""A certificate as old servers present it: self-signed, a short key, run out long ago."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

BITS = 1024
FROM, UNTIL = datetime(2009, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)


@cache
def pem(name: str) -> str:
    """A private key and its certificate for `name`, as `ssl` loads them from one file."""
    key = rsa.generate_private_key(65537, BITS)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(
        called, called, key.public_key(), x509.random_serial_number(), FROM, UNTIL
    ).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return (secret + made.public_bytes(serialization.Encoding.PEM)).decode()
