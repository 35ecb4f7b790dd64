# Shared by the set-up and build scripts (bash, sourced): where things are, how to speak, how to install.
# Every script that sources this runs from the repository's root, whatever the caller's directory was.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
deps=$root/build/deps
cache=${PELLUCID_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pellucid}

say() { printf '• %s\n' "$*"; }
die() {
    printf '✗ %s\n' "$@" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
at_least() { printf '%s\n' "$1" "$2" | sort -VC; } # at_least 3.1.58 3.1.69

# put FILE: standard input becomes the file, unless it is that already (an unchanged time stamp rebuilds nothing).
put() {
    local new=$1.new.$$
    cat >"$new"
    if cmp -s "$new" "$1"; then rm "$new"; else mv "$new" "$1"; fi
}

# apt_install WHY PACKAGE...: installs with the system's own apt, unless that would remove or downgrade anything.
apt_install() {
    local why=$1 plan attempt
    shift
    local options=(--no-install-recommends --no-remove -o DPkg::Lock::Timeout=300)
    have apt-get || die "$why: missing $*." \
        "There is no apt-get here (the set-up knows Debian): \
install them in this system's own way, then run this again."
    [ "$(id -u)" = 0 ] || die "$why: missing $*." \
        "Only root can install them. Run once, as root: apt-get install --no-install-recommends $*"
    say "installing $* ($why)"
    for attempt in 1 2; do
        # The second attempt is for package lists that are absent or out of date.
        [ "$attempt" = 1 ] || apt-get -qq update || true
        plan=$(LC_ALL=C apt-get -s "${options[@]}" install "$@" 2>&1) || continue
        if grep -qE '^Remv |DOWNGRADED' <<<"$plan"; then
            die "$why: apt would remove or downgrade packages to install $*; refused." \
                "$(grep -E '^Remv |DOWNGRADED' <<<"$plan")"
        fi
        if DEBIAN_FRONTEND=noninteractive apt-get -qq -y "${options[@]}" install "$@" \
            </dev/null >"$cache/apt.log" 2>&1; then
            rm -f "$cache/apt.log"
            return 0
        fi
        plan=$(tail -n 5 "$cache/apt.log")
    done
    die "$why: apt cannot install $*:" "$(tail -n 5 <<<"$plan")"
}
