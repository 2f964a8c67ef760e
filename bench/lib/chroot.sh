# shellcheck shell=bash
# A Debian 13 in a folder, with the packages the comparison needs.

# create_chroot DIR MIRROR - debootstrap, unless DIR holds a finished one.
create_chroot() {
    local dir=$1 mirror=$2
    if [[ -x $dir/usr/bin/dpkg && ! -d $dir/debootstrap ]]; then
        say "is there"
        return
    fi
    require_packages debootstrap
    [[ -n $mirror ]] || mirror=$(apt_mirror)
    say "from $mirror"
    mkdir -p "$ROOT/build" "$dir"
    run_logged "$ROOT/build/debootstrap.log" debootstrap --variant=minbase trixie "$dir" "$mirror"
}

# Where this machine's own packages come from.
apt_mirror() {
    local site
    # shellcheck disable=SC2016 # $(SITE) is apt's
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1 || true)
    echo "${site:-http://deb.debian.org/debian}"
}

# enter_chroot DIR SHM FOLDER... -- COMMAND... - becomes COMMAND in the chroot, which sees the checkout and the folders where they are
# outside. What is mounted for that is seen by COMMAND alone and goes with its last process.
enter_chroot() {
    exec unshare --mount --propagation private bash "$ROOT/bench/lib/enter.sh" "$ROOT" "$@"
}
