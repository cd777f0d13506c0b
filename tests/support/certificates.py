"""Certificates of a private authority, for tests only."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, path: Path) -> Path:
        """Write the certificate, without its key, and return its path."""
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path

    def serving(self, folder: Path) -> ssl.SSLContext:
        """Return the TLS context of a server with this certificate."""
        path = folder / "server.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM) + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def authority(name: str = "An authority of its own") -> Certificate:
    """Return an authority that can sign others."""
    return _make(name, None, x509.BasicConstraints(ca=True, path_length=0), _SIGNING)


def leaf(
    issuer: Certificate | None, host: str = "127.0.0.1", *, expired: bool = False, days: int = 1
) -> Certificate:
    """Return a host's certificate, signed by an authority, or self-signed without one.

    It expires in so many days, or yesterday.
    """
    try:
        name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        name = x509.DNSName(host)
    return _make(host, issuer, x509.SubjectAlternativeName([name]), expired=expired, days=days)


_SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _make(
    name: str,
    issuer: Certificate | None,
    *extensions: x509.ExtensionType,
    expired: bool = False,
    days: int = 1,
) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing = issuer.key if issuer else key
    now = dt.datetime.now(dt.UTC)
    end = now - _DAY if expired else now + days * _DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, end) - 10 * _DAY)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    for extension in extensions:
        critical = not isinstance(extension, x509.SubjectAlternativeName)
        builder = builder.add_extension(extension, critical=critical)
    return Certificate(builder.sign(signing, hashes.SHA256()), key)
