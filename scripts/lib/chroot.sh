# shellcheck shell=bash
# A Debian of another release in a folder: for tests with its PostgreSQL, and for benchmarks.

# The releases that can be asked for, by their code names, and what they are.
declare -A RELEASE_NAMES=([bookworm]='Debian 12' [trixie]='Debian 13' [forky]='Debian testing')

# create_chroot RELEASE DIR MIRROR - debootstrap, unless DIR holds a finished one.
create_chroot() {
    local release=$1 dir=$2 mirror=$3 script=/usr/share/debootstrap/scripts
    if [[ -x $dir/usr/bin/dpkg && ! -d $dir/debootstrap ]]; then
        say "is there"
        keep_services_down "$dir"
        return
    fi
    require_packages debootstrap
    [[ -n $mirror ]] || mirror=$(apt_mirror)
    say "from $mirror"
    mkdir -p "$ROOT/build" "$dir"
    # An older debootstrap has no script for a release that came after it; that of unstable serves for all of them.
    [[ -e $script/$release ]] && script+=/$release || script+=/sid
    run_logged "$ROOT/build/debootstrap.log" debootstrap --variant=minbase "$release" "$dir" "$mirror" "$script"
    keep_services_down "$dir"
}

# Nothing that is installed there is to start a server.
keep_services_down() {
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
    chmod +x "$1/usr/sbin/policy-rc.d"
    mkdir -p "$1/etc/postgresql-common/createcluster.d"
    echo 'create_main_cluster = false' >"$1/etc/postgresql-common/createcluster.d/pgslab.conf"
}

# Where this machine's own packages come from.
apt_mirror() {
    local site
    # shellcheck disable=SC2016 # $(SITE) is apt's
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1 || true)
    echo "${site:-http://deb.debian.org/debian}"
}

# enter_chroot DIR SHM FOLDER... -- COMMAND... - becomes COMMAND in the chroot, which sees the checkout and the folders where they are
# outside. SHM is the size of its /dev/shm. What is mounted for that is seen by COMMAND alone and goes with its last process.
enter_chroot() {
    exec unshare --mount --propagation private bash "$ROOT/scripts/lib/enter_chroot.sh" "$ROOT" "$@"
}
