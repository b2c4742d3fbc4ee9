"""A stack's authority and certificate: for whom, for how long, and when they are issued again."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from sutazai_infra.inputs.certificates import (
    CA_LIFE,
    LIFE,
    RENEWED_BEFORE,
    expiry,
    issued,
    names_of,
    own_certificate,
)
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import Secret, SecretKind, StoredSecret

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DECLARED = {
    "ca": Secret(purpose="tests", kind=SecretKind.CA),
    "cert": Secret(purpose="tests", kind=SecretKind.CERTIFICATE),
}


@pytest.fixture(scope="module")
def first() -> dict[str, StoredSecret]:
    return issued({}, DECLARED, "shop", [], NOW)


def again(known: dict[str, StoredSecret], now: datetime = NOW, names: tuple[str, ...] = ()) -> set[str]:
    return set(issued(known, DECLARED, "shop", names, now))


def loaded(secret: StoredSecret) -> x509.Certificate:
    return x509.load_pem_x509_certificate(secret.value.encode())


def handshake(server_pem: str, ca_pem: str, name: str, folder: Path) -> str | None:
    """Let a client that trusts the authority alone speak with a server; the version of TLS, both in memory."""
    (folder / "server.pem").write_text(server_pem)
    serving, asking = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    serving.load_cert_chain(folder / "server.pem")
    asking.load_verify_locations(cadata=ca_pem)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server, client = serving.wrap_bio(up, down, server_side=True), asking.wrap_bio(down, up, server_hostname=name)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.version()


@pytest.mark.parametrize("name", ["localhost", "gateway", "127.0.0.1", "::1"])
def test_who_trusts_the_authority_believes_the_gateway(
    first: dict[str, StoredSecret], name: str, tmp_path: Path
) -> None:
    # For a moment at which the certificate holds.
    now = issued({}, DECLARED, "shop", [], datetime.now(UTC))

    assert handshake(now["cert"].value, now["ca"].value, name, tmp_path) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(now["cert"].value, now["ca"].value, "example.org", tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(now["cert"].value, first["ca"].value, name, tmp_path)


def test_the_authority_lives_ten_years_and_signs_certificates_of_gateways_alone(
    first: dict[str, StoredSecret],
) -> None:
    ca = loaded(first["ca"])
    constraints = ca.extensions.get_extension_for_class(x509.BasicConstraints)

    assert ca.not_valid_after_utc == NOW + CA_LIFE
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    assert "PRIVATE KEY" not in first["ca"].value
    assert "PRIVATE KEY" in str(first["ca"].key)


def test_the_certificate_names_this_machine_and_the_stacks_hostnames() -> None:
    named = issued({}, DECLARED, "shop", ["shop.example.org", "10.0.0.7"], NOW)["cert"]
    names = loaded(named).extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert names_of(named.value) == sorted(
        ["localhost", "gateway", "shop.example.org", "127.0.0.1", "10.0.0.7", "::1"]
    )
    assert ip_address("10.0.0.7") in names.get_values_for_type(x509.IPAddress)
    assert expiry(named.value) == NOW + LIFE


def test_a_good_certificate_is_kept_until_thirty_days_before_its_end(first: dict[str, StoredSecret]) -> None:
    last_day = NOW + LIFE - RENEWED_BEFORE

    assert again(first) == set()
    assert again(first, last_day) == set()
    assert again(first, last_day + timedelta(seconds=1)) == {"cert"}


def test_another_name_issues_it_again_in_its_next_version(first: dict[str, StoredSecret]) -> None:
    renewed = issued(first, DECLARED, "shop", ["shop.example.org"], NOW)

    assert {name: secret.version for name, secret in renewed.items()} == {"cert": 2}
    assert again({**first, **renewed}, names=("shop.example.org",)) == set()


def test_a_lost_or_ending_authority_takes_its_certificates_with_it(first: dict[str, StoredSecret]) -> None:
    ending = NOW + CA_LIFE - LIFE - RENEWED_BEFORE + timedelta(seconds=1)

    assert again({"cert": first["cert"]}) == {"ca", "cert"}
    renewed = issued(first, DECLARED, "shop", [], ending)
    assert {name: secret.version for name, secret in renewed.items()} == {"ca": 2, "cert": 2}


def test_what_is_no_certificate_is_refused_with_the_way_out(first: dict[str, StoredSecret]) -> None:
    with pytest.raises(SutazaiError) as refused:
        again({**first, "cert": StoredSecret(value="nothing")})

    assert str(refused.value).startswith("a certificate of the stack's can't be read (")
    assert str(refused.value).endswith(
        "); take its entry out of the stack's secrets file, and the next update issues a new one"
    )


def test_an_authority_whose_key_is_lost_is_refused_with_the_way_out(first: dict[str, StoredSecret]) -> None:
    with pytest.raises(SutazaiError, match=r"^the certificate authority's key can't be read \("):
        again({"ca": first["ca"].model_copy(update={"key": None})})


def test_an_operators_own_certificate_is_used_with_its_serial_number_as_version(
    first: dict[str, StoredSecret], tmp_path: Path
) -> None:
    path = tmp_path / "own.pem"
    path.write_text(first["cert"].value + first["ca"].value)

    own = own_certificate(path, DECLARED, NOW)

    assert own["cert"] == StoredSecret(value=path.read_text(), version=loaded(first["cert"]).serial_number)
    assert own["ca"] == StoredSecret(value=first["ca"].value, version=loaded(first["ca"]).serial_number)


def test_an_operators_certificate_that_can_not_be_used_is_refused(
    first: dict[str, StoredSecret], tmp_path: Path
) -> None:
    path = tmp_path / "own.pem"
    path.write_text(first["ca"].value + str(issued({}, DECLARED, "mall", [], NOW)["ca"].key))
    with pytest.raises(SutazaiError) as refused:
        own_certificate(path, DECLARED, NOW)
    assert str(refused.value) == (
        f"tls/certificate: {path} can't be used (the key is not the certificate's); it must hold the certificate, "
        "its chain and its private key without a passphrase, as PEM"
    )

    path.write_text(first["cert"].value)
    with pytest.raises(SutazaiError) as expired:
        own_certificate(path, DECLARED, NOW + LIFE)
    assert str(expired.value) == (
        f"tls/certificate: {path} expired on 2027-06-02; renew it, or leave the setting out to have one issued"
    )
