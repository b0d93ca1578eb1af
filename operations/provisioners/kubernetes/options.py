"""The options of the Kubernetes provisioner, read from the settings and validated once."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from operations.provisioners.docker.options import NON_PUBLIC_NETWORKS, boolean

DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
DNS_SUBDOMAIN = re.compile(rf"(?=.{{1,253}}$){DNS_LABEL.pattern}(\.{DNS_LABEL.pattern})*")
NODE_LABEL = re.compile(
    rf"(({DNS_SUBDOMAIN.pattern})/)?[A-Za-z0-9]([\w.-]{{0,61}}[A-Za-z0-9])?"
    r"=([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?"
)
# The namespace of whoever runs in a Pod.
OWN_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True)
class Gateway:
    """The Gateway that an HTTPRoute of each workspace belongs to."""

    namespace: str
    name: str


@dataclass(frozen=True)
class KubernetesOptions:
    """How the cluster is reached, and what its workspaces are made of."""

    namespace: str
    """The namespace of all workspaces."""
    image: str
    helper_image: str
    url: str
    """The template of a workspace's address, with {name} in its host."""
    proxy_namespace: str
    """The namespace of the proxy, from which alone editors are reached."""
    kubeconfig: str = ""
    """A file with the cluster's address and credentials; empty for those of this process's Pod."""
    context: str = ""
    """Which of the file's contexts; empty for its current one."""
    platform: str = "default"
    """The deployment that owns the workspaces: several may share one namespace."""
    ingress_class: str = ""
    """The class of the Ingress of each workspace; empty if there is a gateway."""
    gateway: Gateway | None = None
    tls_secret: str = ""
    """The Secret with the wildcard certificate, for Ingresses; empty if the proxy has its own."""
    home: str = "/home/coder"
    user: int = 1000
    cpus: float = 2.0
    memory_mb: int = 2048
    disk_gb: float = 5.0
    storage_class: str = ""
    """Empty for the cluster's default."""
    internet: bool = True
    enforces_policies: bool = False
    """Whether the cluster's network is known to enforce NetworkPolicies."""
    blocked_networks: tuple[str, ...] = NON_PUBLIC_NETWORKS
    """Networks that workspaces may not reach."""
    node_labels: tuple[tuple[str, str], ...] = ()
    """Which machines may have workspaces."""
    runtime_class: str = ""
    pull_secret: str = ""
    autosave_wait_seconds: float = 0.0
    """How long an export waits for the editor's last autosave."""

    def workspace_url(self, name: str) -> str:
        """Return the address at which a browser opens the workspace of that name."""
        return self.url.replace("{name}", name.lower())

    def workspace_host(self, name: str) -> str:
        return str(urlsplit(self.workspace_url(name)).hostname)


def read_options(settings: Any, autosave_wait_seconds: float) -> KubernetesOptions:
    """Read and validate the options.

    Raises:
        ImproperlyConfigured: if a setting is invalid; the message names it.
    """
    if settings.TABLE_PREFIX == "default":
        raise ImproperlyConfigured(
            "TABLE_PREFIX can't be default, the engine's name for a platform without one."
        )
    options = KubernetesOptions(
        namespace=_namespace(settings),
        image=_required("KUBERNETES_IMAGE", settings.KUBERNETES_IMAGE, "an image"),
        helper_image=_required(
            "KUBERNETES_HELPER_IMAGE",
            settings.KUBERNETES_HELPER_IMAGE,
            "the platform's own image in a registry that the machines pull from",
        ),
        url=_workspace_url(settings.KUBERNETES_WORKSPACE_URL),
        proxy_namespace=_dns("KUBERNETES_PROXY_NAMESPACE", settings.KUBERNETES_PROXY_NAMESPACE),
        kubeconfig=_kubeconfig(settings.KUBERNETES_KUBECONFIG),
        context=settings.KUBERNETES_CONTEXT,
        platform=settings.TABLE_PREFIX or "default",
        ingress_class=_dns("KUBERNETES_INGRESS_CLASS", settings.KUBERNETES_INGRESS_CLASS, True),
        gateway=_gateway(settings.KUBERNETES_GATEWAY),
        tls_secret=_dns("KUBERNETES_TLS_SECRET", settings.KUBERNETES_TLS_SECRET, True),
        home=_home(settings.KUBERNETES_HOME),
        user=_user(settings.KUBERNETES_USER),
        cpus=_number("KUBERNETES_CPUS", settings.KUBERNETES_CPUS, 0.1, "processors"),
        memory_mb=int(
            _number("KUBERNETES_MEMORY_MB", settings.KUBERNETES_MEMORY_MB, 256, "megabytes")
        ),
        disk_gb=_number("KUBERNETES_DISK_GB", settings.KUBERNETES_DISK_GB, 0.1, "gigabytes"),
        storage_class=_dns("KUBERNETES_STORAGE_CLASS", settings.KUBERNETES_STORAGE_CLASS, True),
        internet=boolean("KUBERNETES_INTERNET", settings.KUBERNETES_INTERNET),
        enforces_policies=boolean(
            "KUBERNETES_ENFORCES_POLICIES", settings.KUBERNETES_ENFORCES_POLICIES
        ),
        blocked_networks=NON_PUBLIC_NETWORKS + _networks(settings.KUBERNETES_REFUSED),
        node_labels=_node_labels(settings.KUBERNETES_NODE_SELECTOR),
        runtime_class=_dns("KUBERNETES_RUNTIME_CLASS", settings.KUBERNETES_RUNTIME_CLASS, True),
        pull_secret=_dns("KUBERNETES_PULL_SECRET", settings.KUBERNETES_PULL_SECRET, True),
        autosave_wait_seconds=autosave_wait_seconds,
    )
    if bool(options.ingress_class) == bool(options.gateway):
        raise ImproperlyConfigured(
            "Set either KUBERNETES_INGRESS_CLASS, for an Ingress of each workspace, or "
            "KUBERNETES_GATEWAY, for an HTTPRoute of each."
        )
    return options


def _namespace(settings: Any) -> str:
    value = settings.KUBERNETES_NAMESPACE
    if not value and not settings.KUBERNETES_KUBECONFIG and OWN_NAMESPACE.is_file():
        value = OWN_NAMESPACE.read_text().strip()
    if not value:
        raise ImproperlyConfigured(
            "KUBERNETES_NAMESPACE must name the namespace of the workspaces, which should have "
            "nothing else."
        )
    return _dns("KUBERNETES_NAMESPACE", value)


def _required(name: str, value: str, what: str) -> str:
    if not value.strip():
        raise ImproperlyConfigured(f"{name} must name {what}.")
    return value.strip()


def _dns(name: str, value: str, is_optional: bool = False) -> str:
    if not value and is_optional:
        return value
    if not DNS_SUBDOMAIN.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be a name as Kubernetes has them: lower-case letters, digits, - and dots."
        )
    return value


def _kubeconfig(value: str) -> str:
    if value and not Path(value).is_file():
        raise ImproperlyConfigured(f"KUBERNETES_KUBECONFIG={value} isn't a file.")
    return value


def _workspace_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or "{name}" not in str(parts.netloc):
        raise ImproperlyConfigured(
            "KUBERNETES_WORKSPACE_URL must start with http:// or https:// and have {name} in its "
            "host, such as https://{name}.workspaces.example.com/"
        )
    # A workspace's name may have all 63 characters that a label of DNS takes.
    label = next(label for label in str(parts.hostname).split(".") if "{name}" in label)
    if label != "{name}" or not DNS_SUBDOMAIN.fullmatch(str(parts.hostname).replace("{name}", "x")):
        raise ImproperlyConfigured(
            "KUBERNETES_WORKSPACE_URL must have {name} alone between two dots, as in "
            "https://{name}.workspaces.example.com/"
        )
    return value


def _gateway(value: str) -> Gateway | None:
    if not value:
        return None
    namespace, slash, name = value.partition("/")
    if not slash or not DNS_LABEL.fullmatch(namespace) or not DNS_SUBDOMAIN.fullmatch(name):
        raise ImproperlyConfigured(
            "KUBERNETES_GATEWAY must be the namespace and the name of a Gateway: gateways/public"
        )
    return Gateway(namespace, name)


def _home(value: str) -> str:
    if not re.fullmatch(r"(/[\w.-]+){2,}", value) or ".." in value:
        raise ImproperlyConfigured(
            "KUBERNETES_HOME must be the home folder in the image, such as /home/coder."
        )
    return value


def _user(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise ImproperlyConfigured(
            "KUBERNETES_USER must be the number of the image's user, such as 1000, and not 0: "
            "workspaces don't run as root."
        )
    return int(value)


def _node_labels(values: list[str]) -> tuple[tuple[str, str], ...]:
    found = [value.strip() for value in values if value.strip()]
    for each in found:
        if not NODE_LABEL.fullmatch(each):
            raise ImproperlyConfigured(
                f"KUBERNETES_NODE_SELECTOR has {each}, which is no label of a machine. Write "
                "name=value, separated by commas."
            )
    return tuple((name, value) for name, _, value in (each.partition("=") for each in found))


def _networks(values: list[str]) -> tuple[str, ...]:
    try:
        return tuple(str(IPv4Network(value.strip())) for value in values if value.strip())
    except ValueError:
        raise ImproperlyConfigured(
            "KUBERNETES_REFUSED must be IPv4 addresses or ranges separated by commas, such as "
            "203.0.113.7"
        ) from None


def _number(name: str, value: str, minimum: float, unit: str) -> float:
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,3})?", value) or float(value) < minimum:
        raise ImproperlyConfigured(f"{name} must be a number of {unit}, {minimum:g} or more.")
    return float(value)
