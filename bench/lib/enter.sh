#!/usr/bin/env bash
# enter.sh CHECKOUT CHROOT SHM FOLDER... -- COMMAND... - in a mount namespace of its own: mounts, installs what is missing, and becomes
# COMMAND in the chroot. SHM is the size of its /dev/shm, where PostgreSQL's parallel builds keep what they share.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$1/scripts/lib/setup.sh"
chroot=$2
shm=$3
shift 3

packages=(postgresql-17 postgresql-server-dev-17 postgresql-17-pgvector g++ make libsimde-dev libisal-dev libpq-dev libhnswlib-dev
    libfaiss-dev libopenblas-pthread-dev gnuplot-nox zstd)

# show_inside FOLDER - at the same place.
show_inside() {
    mkdir -p "$chroot$1"
    mount --bind "$1" "$chroot$1"
}

install_missing() {
    local missing
    # shellcheck disable=SC2016 # ${...} is dpkg's
    missing=$(comm -13 <(chroot "$chroot" dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort) \
        <(printf '%s\n' "${packages[@]}" | sort))
    [[ -n $missing ]] || return 0
    say "installing ${missing//$'\n'/ }"
    # Nothing installed there is to start a server.
    printf '#!/bin/sh\nexit 101\n' >"$chroot/usr/sbin/policy-rc.d"
    chmod +x "$chroot/usr/sbin/policy-rc.d"
    mkdir -p "$chroot/etc/postgresql-common/createcluster.d"
    echo 'create_main_cluster = false' >"$chroot/etc/postgresql-common/createcluster.d/pgslab.conf"
    run_logged "$ROOT/build/chroot-apt.log" chroot "$chroot" apt-get -q update
    # shellcheck disable=SC2086 # one word a package
    run_logged "$ROOT/build/chroot-apt.log" chroot "$chroot" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y install --no-install-recommends $missing
}

mount -t proc proc "$chroot/proc"
mkdir -p "$chroot/dev/shm"
mount -t tmpfs -o "size=$shm,mode=1777" tmpfs "$chroot/dev/shm"
show_inside "$ROOT"
while [[ $1 != -- ]]; do
    show_inside "$1"
    shift
done
shift
install_missing
exec chroot "$chroot" env HOME=/root "$@"
