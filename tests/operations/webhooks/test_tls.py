"""HTTPS connects to the checked address and verifies the certificate for the host name."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from operations.webhooks import address_check, http_client
from tests.receiver import LOOPBACK, Receiver

HOST = "hooks.example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with the key and the self-signed certificate of HOST."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def named():
    """The SNI names that clients sent."""
    return []


@pytest.fixture
def receiver(certificate, settings, monkeypatch, named):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    monkeypatch.setattr(address_check, "_getaddrinfo", lambda host, port: [LOOPBACK])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda socket, name, context: named.append(name)
    with Receiver(context) as listening:
        yield listening


@pytest.fixture
def trusted(certificate, monkeypatch):
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(http_client, "tls_context", lambda: context)


def post(host, receiver):
    return http_client.post_json(f"https://{host}:{receiver.port}/in", "{}", {})


@pytest.mark.usefixtures("trusted")
def test_certificate_of_the_host_is_accepted_and_sni_is_sent(receiver, named):
    outcome = post(HOST, receiver)
    assert (outcome.status_code, outcome.error) == (200, "")
    assert named == [HOST]
    assert receiver.received[0].headers["host"] == f"{HOST}:{receiver.port}"


@pytest.mark.usefixtures("trusted")
def test_certificate_of_another_host_is_refused(receiver):
    outcome = post("other.example.com", receiver)
    assert outcome.status_code is None
    assert outcome.error.startswith("Its certificate isn't trusted: Hostname mismatch")
    assert receiver.received == []


def test_untrusted_certificate_is_refused(receiver):
    outcome = post(HOST, receiver)
    assert outcome.error == "Its certificate isn't trusted: self-signed certificate."
    assert receiver.received == []


def test_receiver_without_tls_is_reported(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as plain:
        outcome = http_client.post_json(f"https://{LOOPBACK}:{plain.port}/", "{}", {})
    assert outcome.error == "The TLS connection failed."
