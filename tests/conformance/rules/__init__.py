"""Every rule of the contract, in the order of the table."""

from tests.conformance.rule import Rule, registered
from tests.conformance.rules import (
    destroying,
    exports,
    listing,
    looks,
    machines,
    promises,
    provisioning,
    readiness,
)

RULES: dict[str, Rule] = {
    name: each
    for module in (provisioning, readiness, looks, exports, destroying, listing, machines, promises)
    for name, each in registered.items()
    if each.check.__module__ == module.__name__
}
