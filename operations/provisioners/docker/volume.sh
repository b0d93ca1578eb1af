# Manages workspace disks on the engine's machine; volume.py runs it in a helper container.
#   addresses               only print the addresses
#   make NAME MEGABYTES N   create an empty disk at /dev/loopN
#   attach NAME N           attach an existing disk again after the machine restarted
#   remove NAME             detach and remove a disk; a missing one is fine
# Each command ends by printing the machine's IP addresses.
# Exit codes: 3 the disk is missing, 4 it is in use, 28 the machine has no space.
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
        # Leave 1 GB for the machine itself.
        free=$(df --output=avail --block-size=1M /disks | tail -n 1)
        [ "$free" -ge "$(($3 + 1024))" ] || exit 28
        # Reserve all blocks now, so that other disks cannot use the space.
        fallocate --length "$3"M "$file" || { rm -f "$file"; exit 1; }
        # nodiscard: mkfs would otherwise release the reserved blocks.
        mkfs.ext4 -q -F -m 0 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$file"
        losetup "/dev/loop$4" "$file"
        # Docker copies the image's files into a volume only if it is empty, without lost+found.
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
        # A mounted disk stays attached, because something still uses it.
        [ ! -e "$file" ] || [ -z "$(losetup --associated "$file")" ] || exit 4
        rm -f "$file"
        ;;
esac
hostname --all-ip-addresses
