"""A stack's own certificate authority and the gateway's certificate, or the certificate that an operator brings.

The authority signs for this one stack, and for nothing else: whoever trusts it trusts the gateway. `cryptography`
takes a while to import, so this module is imported where a certificate is read or made, and not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import Secret, SecretKind, StoredSecret

__all__ = ["NAMES", "RENEWED_BEFORE", "expiry", "issued", "names_of", "own_certificate"]

NAMES = ("localhost", "gateway", "127.0.0.1", "::1")
CA_LIFE = timedelta(days=3650)
LIFE = timedelta(days=397)  # browsers accept no more than 398
RENEWED_BEFORE = timedelta(days=30)
_CLOCK_SKEW = timedelta(hours=1)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def issued(
    known: Mapping[str, StoredSecret],
    declared: Mapping[str, Secret],
    stack: str,
    hostnames: Iterable[str],
    now: datetime,
    *,
    again: frozenset[str] = frozenset(),
) -> dict[str, StoredSecret]:
    """Issue what is declared and missing, due, for other names, or asked for `again`; only that is returned."""
    wanted = sorted({*NAMES, *hostnames})
    new: dict[str, StoredSecret] = {}
    for authority in _of_kind(declared, SecretKind.CA):
        ca = known.get(authority)
        # Nothing may outlive who signed it.
        if ca is None or authority in again or expiry(ca.value) - now < LIFE + RENEWED_BEFORE:
            ca = new[authority] = _next(ca, *_authority(stack, now))
        for name in _of_kind(declared, SecretKind.CERTIFICATE):
            old = known.get(name)
            if old is None or name in again or _is_due(old.value, ca.value, wanted, now):
                new[name] = _next(old, _certificate(ca, wanted, now))
    return new


def own_certificate(path: Path, declared: Mapping[str, Secret], now: datetime) -> dict[str, StoredSecret]:
    """Read an operator's PEM file: certificate, chain and key. Its serial number is its version.

    The last of the chain is what clients are told to trust. Raises `SutazaiError`.
    """
    try:
        text = path.read_text()
        chain = _chain(text)
        _check_key(text, chain[0])
    except (OSError, ValueError, TypeError) as error:
        raise SutazaiError(
            f"tls/certificate: {path} can't be used ({error}); it must hold the certificate, its chain and its "
            "private key without a passphrase, as PEM"
        ) from error
    if chain[0].not_valid_after_utc <= now:
        raise SutazaiError(
            f"tls/certificate: {path} expired on {chain[0].not_valid_after_utc:%Y-%m-%d}; renew it, or leave the "
            "setting out to have one issued"
        )
    values = {SecretKind.CERTIFICATE: (text, chain[0]), SecretKind.CA: (_pem(chain[-1]), chain[-1])}
    return {
        name: StoredSecret(value=value, version=certificate.serial_number)
        for name, secret in declared.items()
        if secret.kind in values
        for value, certificate in [values[secret.kind]]
    }


def expiry(text: str) -> datetime:
    """Return when the first certificate of a PEM text expires; raises `SutazaiError` where there is none."""
    return _first(text).not_valid_after_utc


def names_of(text: str) -> list[str]:
    """Return the names and addresses that the first certificate is for, sorted."""
    names = _first(text).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return sorted([*names.get_values_for_type(x509.DNSName), *addresses])


def _of_kind(declared: Mapping[str, Secret], kind: SecretKind) -> list[str]:
    return sorted(name for name, secret in declared.items() if secret.kind is kind)


def _next(old: StoredSecret | None, value: str, key: str | None = None) -> StoredSecret:
    return StoredSecret(value=value, key=key) if old is None else old.renewed(value, key)


def _is_due(text: str, authority: str, wanted: list[str], now: datetime) -> bool:
    certificate, ca = _first(text), _first(authority)
    other_names = names_of(text) != wanted
    return other_names or certificate.not_valid_after_utc - now < RENEWED_BEFORE or not _signed(certificate, ca)


def _signed(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(ca)
    except (ValueError, InvalidSignature):
        return False
    return True


def _authority(stack: str, now: datetime) -> tuple[str, str]:
    key = _new_key()
    name = _named(f"sutazai {stack} CA {now:%Y-%m-%d}")
    builder = _builder(name, name, key.public_key(), now, CA_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return _pem(builder.sign(key, hashes.SHA256())), _key_pem(key)


def _certificate(ca: StoredSecret, names: list[str], now: datetime) -> str:
    signer, key = _key_of(ca), _new_key()
    builder = _builder(_named("gateway"), _first(ca.value).subject, key.public_key(), now, LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(
        x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
    )
    builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_general, names))), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(issuer, critical=False)
    return _pem(builder.sign(signer, hashes.SHA256())) + _key_pem(key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - _CLOCK_SKEW).not_valid_after(now + life)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _key_of(ca: StoredSecret) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key((ca.key or "").encode(), None)
    except ValueError as error:
        raise SutazaiError(f"the certificate authority's key can't be read ({error}); {_WAY_OUT}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SutazaiError(f"the certificate authority's key is no key on an elliptic curve; {_WAY_OUT}")
    return key


def _check_key(text: str, certificate: x509.Certificate) -> None:
    if load_pem_private_key(_without_certificates(text).encode(), None).public_key() != certificate.public_key():
        raise ValueError("the key is not the certificate's")


def _without_certificates(text: str) -> str:
    kept = (part.partition(_END)[2] for part in text.split(_BEGIN))
    return text.partition(_BEGIN)[0] + "".join(kept)


def _first(text: str) -> x509.Certificate:
    try:
        return _chain(text)[0]
    except ValueError as error:
        raise SutazaiError(f"a certificate of the stack's can't be read ({error}); {_WAY_OUT}") from error


def _chain(text: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(text.encode())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


_WAY_OUT = "take its entry out of the stack's secrets file, and the next update issues a new one"
