# shellcheck shell=bash
# A folder for one run: private installation, data, socket, copies of test inputs. PostgreSQL refuses to run as root, so
# root hands the folder to an unprivileged user.

# Longest path of a unix socket, less "/socket/.s.PGSQL.5432".
longest_workspace=86

# new_workspace NAME - sets WORK to a new folder that the server's user can use, in run/ of the checkout if possible.
new_workspace() {
    choose_server_user
    mkdir -p "$ROOT/run"
    WORK=$(mktemp -d "$ROOT/run/$1.XXXXXX")
    if ((${#WORK} > longest_workspace)); then
        move_workspace "$1" "its path is too long for a unix socket"
    elif ! hand_over 2>/dev/null; then
        move_workspace "$1" "user $SERVER_USER cannot get there"
    fi
}

move_workspace() {
    rmdir "$WORK"
    WORK=$(mktemp -d "/var/tmp/pgslab-$1.XXXXXX")
    say "the server lives in $WORK, not in the checkout: $2"
    hand_over || die "user $SERVER_USER cannot use $WORK"
}

choose_server_user() {
    SERVER_USER=$(id -un)
    if ((EUID == 0)); then
        SERVER_USER=postgres
        id postgres >/dev/null 2>&1 || SERVER_USER=nobody
    fi
}

# Gives everything in the workspace to the server's user.
hand_over() {
    if ((EUID == 0)); then
        chown -R "$SERVER_USER:" "$WORK"
    fi
    as_server_user test -w "$WORK/."
}

# Runs a command as the server's user, in the workspace.
as_server_user() (
    cd "$WORK" 2>/dev/null || cd /
    if ((EUID == 0)); then
        exec setpriv --reuid "$SERVER_USER" --regid "$(id -g "$SERVER_USER")" --init-groups -- env HOME="$WORK" "$@"
    fi
    exec "$@"
)

remove_workspace() {
    [[ -z ${WORK:-} ]] || rm -rf "$WORK"
}
