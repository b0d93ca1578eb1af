"""https to the address that was checked, with the certificate of the name that was written."""

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
    """A file with the key and the certificate of HOST, which signed itself."""
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
    """The names that clients asked for."""
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
def test_certificate_is_that_of_the_name_and_the_name_is_asked_for(receiver, named):
    outcome = post(HOST, receiver)
    assert (outcome.status_code, outcome.error) == (200, "")
    assert named == [HOST]
    assert receiver.received[0].headers["host"] == f"{HOST}:{receiver.port}"


@pytest.mark.usefixtures("trusted")
def test_certificate_of_another_name_is_refused(receiver):
    outcome = post("other.example.com", receiver)
    assert outcome.status_code is None
    assert outcome.error.startswith("Its certificate cannot be trusted: Hostname mismatch")
    assert receiver.received == []


def test_certificate_of_nobody_is_refused(receiver):
    outcome = post(HOST, receiver)
    assert outcome.error == "Its certificate cannot be trusted: self-signed certificate."
    assert receiver.received == []


def test_receiver_without_tls_is_said(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as plain:
        outcome = http_client.post_json(f"https://{LOOPBACK}:{plain.port}/", "{}", {})
    assert outcome.error == "It does not speak TLS as it should."
