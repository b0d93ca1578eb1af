"""The certificates of agents and workers, by a CA of the deployment's own, in a folder."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from operations.provisioners.swarm.agents import AGENT_NAME, WORKER_NAME

CA_LIFETIME = timedelta(days=3650)
LIFETIME = timedelta(days=365)
# What ends sooner than this is made anew.
RENEW_BEFORE = timedelta(days=60)
# The clocks of machines differ.
CLOCK_TOLERANCE = timedelta(hours=1)

CA, CA_KEY = "ca.pem", "ca-key.pem"
AGENT, AGENT_KEY = "agent.pem", "agent-key.pem"
WORKER, WORKER_KEY = "worker.pem", "worker-key.pem"
_NAMES = {AGENT: (AGENT_NAME, AGENT_KEY), WORKER: (WORKER_NAME, WORKER_KEY)}


@dataclass(frozen=True)
class Authority:
    """A CA with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def issue(
        self, name: str, key: ec.EllipticCurvePrivateKey, at: datetime, lifetime: timedelta
    ) -> x509.Certificate:
        """Sign a certificate of this name for `key`, which ends no later than the CA's own."""
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        issuer = self.certificate.subject
        return (
            _builder(name, issuer, key, at)
            .not_valid_after(min(at + lifetime, self.certificate.not_valid_after_utc))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )


def new_authority(at: datetime, lifetime: timedelta = CA_LIFETIME) -> Authority:
    """Make a CA that is valid from `at` on."""
    key = new_key()
    name = "takehome-ca"
    certificate = (
        _builder(name, _name(name), key, at)
        .not_valid_after(at + lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_ca_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def renew_certificates(folder: Path, at: datetime) -> list[str]:
    """Make what is missing in the folder or ends soon, and return the names of the new files.

    A new CA makes all of them new.

    Raises:
        OSError: if a file cannot be read or written.
        ValueError: if a file is not what it should be.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    renewed = []
    authority = _read_authority(folder, at)
    is_new = authority is None
    if authority is None:
        authority = new_authority(at)
        _write_pair(folder / CA, folder / CA_KEY, authority.certificate, authority.key)
        renewed.append(CA)
    for file, (name, key_file) in _NAMES.items():
        if is_new or not (folder / key_file).is_file() or not _is_lasting(folder / file, at):
            key = new_key()
            certificate = authority.issue(name, key, at, LIFETIME)
            _write_pair(folder / file, folder / key_file, certificate, key)
            renewed.append(file)
    return renewed


def ends_at(path: Path) -> datetime:
    """Return when the certificate in the file ends.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it has no certificate.
    """
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


def _read_authority(folder: Path, at: datetime) -> Authority | None:
    if not (folder / CA_KEY).is_file() or not _is_lasting(folder / CA, at):
        return None
    key = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{folder / CA_KEY} has another kind of key.")
    return Authority(x509.load_pem_x509_certificate((folder / CA).read_bytes()), key)


def _is_lasting(path: Path, at: datetime) -> bool:
    return path.is_file() and ends_at(path) > at + RENEW_BEFORE


def _write_pair(
    certificate_path: Path,
    key_path: Path,
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
) -> None:
    """Write the certificate last: a pair that was cut off in between is made anew."""
    certificate_path.unlink(missing_ok=True)
    key_path.unlink(missing_ok=True)
    key_path.touch(mode=0o600)
    key_path.write_bytes(pem_of_key(key))
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at.astimezone(UTC) - CLOCK_TOLERANCE)
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _ca_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
