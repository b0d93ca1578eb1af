"""The firewall rules of a workspace."""

from ipaddress import IPv4Network, ip_address
from typing import Any

import pytest

from operations.provisioners.docker.firewall import ALLOW_DNS, ALLOW_INTERNET, firewall_rules
from operations.provisioners.docker.options import NON_PUBLIC_NETWORKS, read_options

# Written out: only a real engine would show that a network was left out.
BLOCKED_BY_DEFAULT = (
    "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, "
    "192.0.0.0/24, 192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3"
)
RULES = """\
table inet takehome {
    chain incoming {
        type filter hook input priority 0; policy drop;
        iif "lo" accept
        ct state established,related accept
        tcp dport 8080 accept
    }
    chain outgoing {
        type filter hook output priority 0; policy drop;
        oif "lo" accept
        ct state established,related accept
        ct state new ct count over 4096 reject
        ct state new limit rate over 100/second burst 1000 packets reject
        %(to_names)s
        ip daddr { %(blocked)s } reject with icmp type admin-prohibited
        %(to_internet)s
        meta nfproto ipv4 reject with icmp type admin-prohibited
        reject with icmpv6 type admin-prohibited
    }
}
"""


def test_rules_with_default_settings_are_exactly_these(settings: Any) -> None:
    options = read_options(settings, autosave_wait_seconds=0)
    assert firewall_rules(
        internet=options.internet, blocked_networks=options.blocked_networks
    ) == RULES % {
        "to_names": "meta skuid 0 meta l4proto { tcp, udp } th dport 53 accept",
        "blocked": BLOCKED_BY_DEFAULT,
        "to_internet": "meta nfproto ipv4 accept",
    }


def test_rules_without_internet_are_exactly_these(settings: Any) -> None:
    settings.DOCKER_INTERNET = "false"
    options = read_options(settings, autosave_wait_seconds=0)
    assert firewall_rules(
        internet=options.internet, blocked_networks=options.blocked_networks
    ) == RULES % {
        "to_names": "",
        "blocked": BLOCKED_BY_DEFAULT,
        "to_internet": "",
    }


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0"),
        *("100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254"),
        *("169.254.255.255", "172.16.0.0", "172.17.0.1", "172.31.255.255", "192.0.0.0"),
        *("192.0.0.255", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255"),
        *("224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255"),
        # Other workspaces of this engine, and what DOCKER_REFUSED adds.
        *("10.213.0.9", "203.0.113.7"),
    ],
)
def test_non_public_address_is_blocked(address: str, settings: Any) -> None:
    settings.DOCKER_REFUSED = ["203.0.113.7"]
    options = read_options(settings, autosave_wait_seconds=0)
    text = firewall_rules(
        internet=True, blocked_networks=[*options.blocked_networks, str(options.subnets)]
    )
    line = next(line for line in text.splitlines() if "ip daddr" in line)
    ranges = line.partition("{")[2].partition("}")[0].split(",")
    assert any(ip_address(address) in IPv4Network(each.strip()) for each in ranges)


def test_rules_allow_only_public_networks() -> None:
    rules = firewall_rules(
        internet=True, blocked_networks=[*NON_PUBLIC_NETWORKS, "192.0.2.2", "10.9.8.7"]
    )
    # nft would reject the whole ruleset if ranges overlapped.
    assert "10.0.0.0/8" in rules and "10.9.8.7" not in rules and "192.0.2.2/32" in rules
    assert rules.index("reject") < rules.index(ALLOW_INTERNET)
    # Endless DNS queries fill the machine's connection table, too.
    assert rules.index("limit rate over") < rules.index(ALLOW_DNS)
    assert rules.index("ct count over") < rules.index(ALLOW_DNS)
    closed = firewall_rules(internet=False, blocked_networks=NON_PUBLIC_NETWORKS)
    assert ALLOW_INTERNET not in closed and "dport 53" not in closed
