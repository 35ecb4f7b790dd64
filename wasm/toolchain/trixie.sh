# Debian 13's packages on an older Debian, beside the system and not in it (bash, sourced).
# apt on Debian 12 has an emscripten that is too old, and installing 13's would replace libc. Instead mmdebstrap
# unpacks the packages and all they depend on into the cache, and patchelf makes the programs there use the libraries
# there. The mirror is the one that apt uses; it is read at run time and kept nowhere.

# Nothing in these is read when pellucid is built: documentation, variants of WebGL, variants for threads and shared
# libraries, the test suites and languages that the packages drag along. Leaves 0.8 of 2.3 GB.
unneeded=(
    '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' '/usr/share/info/*' '/usr/share/zoneinfo/*'
    '/usr/share/emscripten/test/*' '/usr/share/emscripten/docs/*'
    '*/wasm32-emscripten/pic/*' '*/wasm32-emscripten/lto-pic/*' '*/wasm32-emscripten/*libGL-*-*'
    '*/wasm32-emscripten/*-mt.a' '*/wasm32-emscripten/*-mt-*.a'
    '*/wasm32-emscripten/*-ww.a' '*/wasm32-emscripten/*-ww-*.a'
    '/usr/lib/gcc/*' '/usr/lib/python3*/*' '/usr/lib/*/gconv/*' '/usr/lib/*/libnode.so*'
    '/usr/lib/*/lib?san.so*' '/usr/lib/*/libhwasan.so*'
)

# apt_mirror: prints the address of the Debian archive in apt's own sources.
apt_mirror() {
    apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian Debian main //p' | head -n 1
}

# bring_trixie PACKAGE...: sets trixie to a folder that holds them, unpacked and runnable.
bring_trixie() {
    local arch key option mirror temporary log options=()
    have apt-get && have dpkg || die "Debian 13's packages (the WASM compiler and header libraries) need apt." \
        "On another system put emcc >= $emcc_minimum on PATH (emsdk) \
and set PELLUCID_HEADERS to a folder with the headers listed in wasm/toolchain/deps.sh."
    arch=$(dpkg --print-architecture)
    # Other versions are another folder.
    key=$(printf '%s\n' "$arch" "$@" "$pins" "${unneeded[@]}" "$(declare -f make_runnable)" | sha256sum | cut -c 1-12)
    trixie=$cache/debian13-$key
    [ ! -e "$trixie/.complete" ] || return 0

    local missing=()
    have mmdebstrap || missing+=(mmdebstrap)
    have patchelf || missing+=(patchelf)
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
    [ ${#missing[@]} = 0 ] || apt_install "to unpack Debian 13's packages" "${missing[@]}"

    mirror=$(apt_mirror)
    [ -n "$mirror" ] || { apt-get -qq update; mirror=$(apt_mirror); }
    [ -n "$mirror" ] || die \
        "apt's sources name no Debian archive (origin Debian, component main), so Debian 13's packages cannot be had." \
        "Add one to /etc/apt/sources.list.d, or put emcc >= $emcc_minimum on PATH and set PELLUCID_HEADERS."
    at_least 3000000 "$(df -Pk "$cache" | awk 'NR == 2 { print $4 }')" ||
        die "$cache has less than 3 GB free. Free some, or set PELLUCID_CACHE to a folder that has."

    say "unpacking Debian 13's $* into $trixie (about a minute, once)"
    for option in "${unneeded[@]}"; do options+=("--dpkgopt=path-exclude=$option"); done
    # How this machine reaches its mirror (proxy, clock) is in its apt configuration; mmdebstrap's apt does not see
    # that.
    while read -r option; do options+=("--aptopt=$option"); done < <(
        apt-config dump | grep -E '^Acquire::(https?::Proxy[^ ]*|Check-Date|Check-Valid-Until|Retries) ')
    # Nothing is run in the new tree, so unpacking needs no root; mmdebstrap only has to be told.
    [ "$(id -u)" = 0 ] || options+=(--mode=chrootless)
    temporary=$cache/unpacking.$$
    log=$cache/unpacking.$$.log
    mkdir -p "$temporary"
    trap 'rm -rf "$cache/unpacking.$$"' EXIT
    mmdebstrap --quiet --variant=extract --architectures="$arch" --include="$(IFS=,; echo "$*")" \
        "${options[@]}" trixie "$temporary" "$mirror" >"$log" 2>&1 ||
        die "mmdebstrap failed:" "$(tail -n 15 "$log")" "(all of it: $log)"
    make_runnable "$temporary" "$trixie"
    # What remains of the system in there would only mislead (and its apt sources name the mirror).
    rm -rf "$temporary"/{dev,etc,proc,run,sys,tmp,var} "$log"
    touch "$temporary/.complete"
    # Another set-up may have been quicker; then its folder is as good as ours.
    mv -T "$temporary" "$trixie" || [ -e "$trixie/.complete" ] || die "cannot create $trixie"
}

# make_runnable TREE FINAL: the programs in TREE will run once TREE has become FINAL.
make_runnable() {
    local tree=$1 final=$2 loader libraries file
    loader=$(cd "$tree" && ls -d usr/lib/*-linux-gnu*/ld-linux*.so.* | head -n 1)
    libraries=$final/$(dirname "$loader"):$(echo "$tree"/usr/lib/llvm-*/lib | sed "s|^$tree|$final|")
    for file in "$tree"/usr/bin/* "$tree"/usr/lib/llvm-*/bin/*; do
        [ -f "$file" ] && [ ! -L "$file" ] && patchelf --print-interpreter "$file" >/dev/null 2>&1 || continue
        # An RPATH, unlike the RUNPATH that is patchelf's default, also serves the libraries that the libraries need,
        patchelf --set-interpreter "$final/$loader" --force-rpath --set-rpath "$libraries" "$file"
    done
    for file in "$tree/$(dirname "$loader")"/lib*.so.*; do
        # except for libraries with a path of their own, such as LLVM's.
        [ ! -L "$file" ] && [ -n "$(patchelf --print-rpath "$file" 2>/dev/null)" ] || continue
        patchelf --force-rpath --set-rpath "$libraries" "$file"
    done
}
