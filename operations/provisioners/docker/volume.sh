# Disks of workspaces, on the engine's machine: docker_disk.py runs it in a helper container.
#   addresses               the IPv4 addresses of the machine, and nothing else
#   make NAME MEGABYTES N   a new empty disk, at /dev/loopN
#   attach NAME N           one that is there, after the machine was started again
#   remove NAME             detach and remove it; one that is gone is fine
# All of them say the machine's addresses at last.
set -eu

detach() {
    [ -e "$file" ] || return 0
    losetup --noheadings --output NAME --associated "$file" | while read -r device; do
        losetup --detach "$device"
    done
}

attached() {
    losetup --noheadings --output NAME --associated "$file" | grep -qx "/dev/loop$1"
}

file=/disks/${2:-}.img
case $1 in
    make)
        detach
        [ ! -e "$file" ] || [ -z "$(losetup --associated "$file")" ] || exit 4
        rm -f "$file"
        # A gigabyte stays for the machine's own: it is not to be filled to the brim.
        free=$(df --output=avail --block-size=1M /disks | tail -n 1)
        [ "$free" -ge "$(($3 + 1024))" ] || exit 28
        # All of it is taken now: a disk that is promised cannot be eaten up by a neighbour.
        fallocate --length "$3"M "$file" || { rm -f "$file"; exit 1; }
        # mkfs would give back what is reserved, block by block, were it not told to leave it.
        mkfs.ext4 -q -F -m 0 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$file"
        losetup "/dev/loop$4" "$file"
        # An empty volume is filled with what the image has there.
        mkdir -p /run/disk
        mount "/dev/loop$4" /run/disk
        rmdir /run/disk/lost+found
        umount /run/disk
        ;;
    attach)
        [ -s "$file" ] || exit 3
        attached "$3" || losetup "/dev/loop$3" "$file"
        ;;
    remove)
        detach
        # One that is mounted stays attached: somebody works on it.
        [ ! -e "$file" ] || [ -z "$(losetup --associated "$file")" ] || exit 4
        rm -f "$file"
        ;;
esac
hostname --all-ip-addresses
