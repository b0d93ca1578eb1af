# The first program of a workspace: it sets the rules of the network, then lives until the time is
# over. The workspace shares its network and its processes' numbers, so that all of it ends with it.
set -eu
nft -f /takehome/rules
echo ready
ends=
while :; do
    # While it is replaced it may be away for a moment: then the last one stands.
    if read -r new 2>/dev/null </takehome/ends-at; then ends=$new; fi
    if [ -n "$ends" ] && [ "$(date +%s)" -ge "$ends" ]; then exit 0; fi
    sleep 2
done
