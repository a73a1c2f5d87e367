"""Certificates good and bad, made when they are needed."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass
class Authority:
    """A certificate authority of this test run; `file` is what a client must trust."""

    directory: Path

    def __post_init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        self.name = _name("Test Authority")
        self.file = self.directory / "authority.pem"
        self.file.write_bytes(_pem(self._signed(self.name, self.key, [], authority=True)))
        self.keys = {size: rsa.generate_private_key(65537, size) for size in (1024, 2048)}

    def server(self, *hosts: str, days: int = 30, own: bool = False, bits: int = 2048) -> Any:
        """A context with a certificate for `hosts`, signed by us, or by itself."""
        key = self.keys[bits]
        subject = _name(hosts[0])
        certificate = self._signed(subject, key, hosts, days=days, own=own)
        file = self.directory / f"{hosts[0]}-{days}-{own}-{bits}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        file.write_bytes(secret + _pem(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(file)
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.last = sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
        return context

    def _signed(
        self, subject: x509.Name, key: rsa.RSAPrivateKey, hosts: Any, *,
        days: int = 30, own: bool = False, authority: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if own else self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=90))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
        )
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(key if own else self.key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
