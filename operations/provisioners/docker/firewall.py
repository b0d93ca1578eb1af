"""The nftables rules of a workspace: who may connect to it, and what it may connect to.

The rules live in the workspace's network namespace, and its programs have no right to change them.
So they work with any firewall on the engine's machine, and disappear together with the workspace.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, collapse_addresses

from operations.provisioners.docker.options import EDITOR_PORT

# The connection tracking table of the engine's machine has about 260,000 entries, and an entry
# stays for two minutes after the connection ends: one workspace must not fill it.
MAX_CONNECTIONS = 4096
NEW_CONNECTIONS_PER_SECOND = 100
NEW_CONNECTIONS_BURST = 1000

RULES_TEMPLATE = """\
table inet takehome {{
    chain incoming {{
        type filter hook input priority 0; policy drop;
        iif "lo" accept
        ct state established,related accept
        tcp dport {port} accept
    }}
    chain outgoing {{
        type filter hook output priority 0; policy drop;
        oif "lo" accept
        ct state established,related accept
        ct state new ct count over {connections} reject
        ct state new limit rate over {rate}/second burst {burst} packets reject
        {allow_dns}
        ip daddr {{ {blocked} }} reject with icmp type admin-prohibited
        {allow_internet}
        meta nfproto ipv4 reject with icmp type admin-prohibited
        reject with icmpv6 type admin-prohibited
    }}
}}
"""
# The engine's embedded DNS server sends its queries from inside the namespace and as root, which no
# program of the workspace is. Its upstream server may have a private address.
ALLOW_DNS = "meta skuid 0 meta l4proto { tcp, udp } th dport 53 accept"
ALLOW_INTERNET = "meta nfproto ipv4 accept"


def firewall_rules(*, internet: bool, blocked_networks: Sequence[str]) -> str:
    """Return the ruleset for `nft`: incoming connections only to the editor, outgoing ones as the
    settings allow."""
    blocked = ", ".join(str(network) for network in _merge_networks(blocked_networks))
    return RULES_TEMPLATE.format(
        port=EDITOR_PORT,
        connections=MAX_CONNECTIONS,
        rate=NEW_CONNECTIONS_PER_SECOND,
        burst=NEW_CONNECTIONS_BURST,
        blocked=blocked,
        allow_dns=ALLOW_DNS if internet else "",
        allow_internet=ALLOW_INTERNET if internet else "",
    )


def _merge_networks(networks: Sequence[str]) -> list[IPv4Network]:
    """Merge overlapping networks, because nft rejects ranges that overlap."""
    return list(collapse_addresses(IPv4Network(network) for network in networks))
