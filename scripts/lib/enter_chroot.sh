#!/usr/bin/env bash
# enter_chroot.sh CHECKOUT CHROOT SHM FOLDER... -- COMMAND... - in a mount namespace of its own: mounts, and becomes COMMAND in the
# chroot. SHM is the size of its /dev/shm, where PostgreSQL's parallel builds keep what they share.
set -euo pipefail
checkout=$1
chroot=$2
shm=$3
shift 3

# show_inside FOLDER - at the same place.
show_inside() {
    mkdir -p "$chroot$1"
    mount --bind "$1" "$chroot$1"
}

mount -t proc proc "$chroot/proc"
mkdir -p "$chroot/dev/shm"
mount -t tmpfs -o "size=$shm,mode=1777" tmpfs "$chroot/dev/shm"
show_inside "$checkout"
while [[ $1 != -- ]]; do
    show_inside "$1"
    shift
done
shift
exec chroot "$chroot" env HOME=/root "$@"
