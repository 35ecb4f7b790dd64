# Fills build/deps, the only place where the build looks for what the system's own packages do not give
# (bash, sourced):
#   include/                      links to the pinned header-only libraries, one per folder
#   bin/{emcc,em++,emar,emranlib,emcmake}   the chosen emscripten, from any directory, with the project's tsc on PATH
#   emscripten.cmake              for cmake -DCMAKE_TOOLCHAIN_FILE=
#   toolchain.env                 EMSCRIPTEN_ROOT, EMSCRIPTEN_VERSION, EM_CONFIG (empty: emscripten's default),
#                                 HEADERS_ROOT; for `.` in sh
# Deleting build/deps is safe: the next set-up makes it again from the cache in under a second.

emcc_minimum=3.1.58

# The libraries that are pinned together: folder, header that tells the version, its macro, versions that fit, package.
headers='
xtensor    xtensor/xtensor_config.hpp        XTENSOR_VERSION        0.25.*  libxtensor-dev
xsimd      xsimd/config/xsimd_config.hpp     XSIMD_VERSION          13.*    libxsimd-dev
xtl        xtl/xtl_config.hpp                XTL_VERSION            0.7.*   xtl-dev
doctest    doctest/doctest.h                 DOCTEST_VERSION        2.4.*   doctest-dev
protozero  protozero/version.hpp             PROTOZERO_VERSION      1.8.*   libprotozero-dev
CLI        CLI/Version.hpp                   CLI11_VERSION          2.4.*   libcli11-dev
fmt        fmt/core.h                        FMT_VERSION            10.*     libfmt-dev
nlohmann   nlohmann/detail/abi_macros.hpp    NLOHMANN_JSON_VERSION  3.11.*  nlohmann-json3-dev
stb        stb/stb_image_write.h             stb_image_write        1.*     libstb-dev
'
packages=$(awk 'NF { printf "%s ", $5 }' <<<"$headers")

# What Debian 13 gave when this was tested: name, version, SHA-256 over all files (pin_of). It is checked whenever
# build/deps is filled; apt has checked Debian's signature over it before. Of the compiler it covers emscripten's own
# part: LLVM and Binaryen, whose programs patchelf changes, rest on that signature alone.
pins='
xtensor     0.25.0  3f9ceea8033db30b6d0c131531b8c9f1d985e69e3ebe6aacd0f64c5a9352e8bf
xsimd       13.2.0  d0dad55de690cfaabf3423f51937cd5421908503682450ef7606773cf956e9c7
xtl         0.7.7   70253ea2ac70a2a39a6453f4ed7872f8b176e7c50076ba9276f8ad0bbc20fd0f
doctest     2.4.11  012fc1d9fff4183f8af35717ee032e2ca130c6ece9b7a3a05c35dd7dd7c929ad
protozero   1.8.1   e0e958bdc30067b064a022cf42a0d03fa1742f60d2d1a593bb59cb974c745519
CLI         2.4.1   a940ff3010a24e4799601fec083623d120e2f27312dbe073595b8818bb97a0b6
fmt         10.1.0  891569ed2eb44e996c65c2f4bbadec88470a87dc2079a47ec6dbc932ab78f598
nlohmann    3.11.3  930bf42916dabf75046f73e97b8da21e313cbafac6a9ee415541515ffb2a19ef
stb         1.16    c589a812cc0d904a6946ddfa5645bf9dba2754303683033967878a165bf274a2
emscripten  3.1.69  fb56cd538c5c4feae4ae04c51d5a2b71e694c1c0fc4d05559630cc1303218023
'

# pin_of FOLDER NAME...: the SHA-256 of what these files and folders in FOLDER hold.
pin_of() {
    (
        cd "$1" && shift
        find -L "$@" -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-64
    )
}
emscripten_pin() {
    pin_of "$1" emcc.py em++.py emar.py emranlib.py emcmake.py emscripten-version.txt cmake src system tools third_party
}

# unpinned FOLDER [EMSCRIPTEN_ROOT]: prints a line for everything there that is not what the pins say; nothing if all
# is.
unpinned() {
    local name version hash found
    while read -r name version hash; do
        case $name in
            '') continue ;;
            emscripten) [ -n "${2:-}" ] || continue; found=$(emscripten_pin "$2") || found= ;;
            *) found=$(pin_of "$1" "$name") || found= ;;
        esac
        [ "$found" = "$hash" ] ||
            echo "$name is not the recorded $version: its files have the SHA-256 ${found:-of nothing: some are missing}"
    done <<<"$pins" 2>/dev/null
}

# refuse_unpinned FOLDER [EMSCRIPTEN_ROOT]: for what comes from Debian.
refuse_unpinned() {
    local differing
    differing=$(unpinned "$@")
    [ -n "$differing" ] || return 0
    [ -z "${PELLUCID_UNPINNED:-}" ] || {
        say "not as recorded, taken as it is (PELLUCID_UNPINNED): ${differing//$'\n'/; }"
        return 0
    }
    die "Debian 13 has other files than those that pellucid was tested with:" "$differing" \
        "PELLUCID_UNPINNED=1 takes them as they are; where all tests pass, record them in wasm/toolchain/deps.sh."
}

# header_versions FOLDER: prints "name version" of each library; fails, naming the first that is absent or unfit.
header_versions() {
    local name file macro fits _ version
    while read -r name file macro fits _; do
        [ -n "$name" ] || continue
        [ -f "$1/$file" ] || { echo "$name is not in $1"; return 1; }
        # "#define X_VERSION_MAJOR 0" and the two lines like it, "#define FMT_VERSION 100100" or stb's "name - v1.16".
        version=$(sed -nE "s/^ *# *define ${macro}(_MAJOR|_MINOR|_PATCH)? +([0-9]+).*/\2/p
                           s/^.*${macro} - v([0-9.]+).*/\1/p" "$1/$file" | head -n 3 | paste -sd.)
        case $version in
            # 100100
            1[0-9][0-9][0-9][0-9][0-9]) version=$((version / 10000)).$((version / 100 % 100)).$((version % 100)) ;;
        esac
        # shellcheck disable=SC2254  # the pattern is one
        case $version in $fits) ;; *) echo "$name $version in $1 does not fit $fits"; return 1 ;; esac
        printf '%s %s\n' "$name" "$version"
    done <<<"$headers"
}

# emcc_on_path: prints the emcc that the user has on PATH, ours left out.
emcc_on_path() { PATH=${PATH//"$deps/bin:"/} command -v emcc; }

# choose_emscripten: sets EMSCRIPTEN_ROOT, EMSCRIPTEN_VERSION, EM_CONFIG. First what is on PATH, then plain apt where
# its version suffices (Debian 13), then Debian 13's packages beside the system.
choose_emscripten() {
    local emcc candidate
    EM_CONFIG=${EM_CONFIG:-}
    if ! emcc=$(emcc_on_path) && have apt-cache; then
        candidate=$(LC_ALL=C apt-cache policy emscripten 2>/dev/null | sed -nE 's/^ *Candidate: ([0-9.]+).*/\1/p')
        if [ -n "$candidate" ] && at_least $emcc_minimum "$candidate"; then
            apt_install "WASM compiler" emscripten
            emcc=$(emcc_on_path)
        fi
    fi
    if [ -n "$emcc" ]; then
        EMSCRIPTEN_ROOT=$(dirname "$(readlink -f "$emcc")")
        EMSCRIPTEN_VERSION=$(emscripten_version "$EMSCRIPTEN_ROOT")
        if [ -n "$EMSCRIPTEN_VERSION" ] && at_least $emcc_minimum "$EMSCRIPTEN_VERSION"; then return; fi
        say "the emcc on PATH is not used: version ${EMSCRIPTEN_VERSION:-unknown} is below $emcc_minimum"
    fi
    # shellcheck disable=SC2086  # a list
    bring_trixie emscripten $packages
    EMSCRIPTEN_ROOT=$trixie/usr/share/emscripten
    refuse_unpinned "$trixie/usr/include" "$EMSCRIPTEN_ROOT"
    EMSCRIPTEN_VERSION=$(emscripten_version "$EMSCRIPTEN_ROOT")
    # Beside the compiler, where it looks by itself, so that it also works for those who do not set EM_CONFIG.
    EM_CONFIG=$EMSCRIPTEN_ROOT/.emscripten
    put "$EM_CONFIG" <<END
LLVM_ROOT = '$(echo "$trixie"/usr/lib/llvm-*/bin)'
BINARYEN_ROOT = '$trixie/usr'
NODE_JS = '$(command -v node)'
CACHE = '$EMSCRIPTEN_ROOT/cache'
FROZEN_CACHE = True
END
}
emscripten_version() { tr -d '"\n' 2>/dev/null <"$1/emscripten-version.txt" || true; }

# choose_headers: sets HEADERS_ROOT. What the user names, if its versions fit; else the system's own, if all of it is
# what the pins say; else Debian 13's.
choose_headers() {
    local why=
    if [ -n "${PELLUCID_HEADERS:-}" ]; then
        HEADERS_ROOT=$PELLUCID_HEADERS
        why=$(header_versions "$HEADERS_ROOT") || die "PELLUCID_HEADERS: $(tail -n 1 <<<"$why")"
        why=$(unpinned "$HEADERS_ROOT" | cut -d: -f1 | paste -sd, | sed 's/,/, /g')
        [ -z "$why" ] || say "PELLUCID_HEADERS: $why; taken as it is"
        return
    fi
    HEADERS_ROOT=/usr/include
    if header_versions "$HEADERS_ROOT" >/dev/null && [ -z "$(unpinned "$HEADERS_ROOT")" ]; then return; fi
    if [ "${EMSCRIPTEN_ROOT#"$cache"/debian13-}" != "$EMSCRIPTEN_ROOT" ]; then
        HEADERS_ROOT=${EMSCRIPTEN_ROOT%/share/emscripten}/include
    elif have apt-cache && [ "$(. /etc/os-release; echo "$ID ${VERSION_ID:-}")" = "debian 13" ]; then
        # shellcheck disable=SC2086
        apt_install "header libraries" $packages
    else
        # shellcheck disable=SC2086
        bring_trixie $packages
        HEADERS_ROOT=$trixie/usr/include
    fi
    why=$(header_versions "$HEADERS_ROOT") || die "Debian has moved on: $(tail -n 1 <<<"$why")." \
        "Try the new version and widen the table in wasm/toolchain/deps.sh."
    refuse_unpinned "$HEADERS_ROOT"
}

# write_deps: build/deps from the two choices.
write_deps() {
    local name _ tool
    mkdir -p "$deps/include" "$deps/bin"
    while read -r name _; do
        [ -z "$name" ] || ln -sfn "$HEADERS_ROOT/$name" "$deps/include/$name"
    done <<<"$headers"
    for tool in emcc em++ emar emranlib emcmake; do
        # tsc, which --emit-tsd calls, is the project's own.
        put "$deps/bin/$tool" <<END
#!/bin/sh
$([ -z "$EM_CONFIG" ] || echo "export EM_CONFIG='$EM_CONFIG'")
PATH='$root/node_modules/.bin':\$PATH exec '$EMSCRIPTEN_ROOT/$tool' "\$@"
END
        chmod +x "$deps/bin/$tool"
    done
    put "$deps/emscripten.cmake" <<END
$([ -z "$EM_CONFIG" ] || echo "set(ENV{EM_CONFIG} \"$EM_CONFIG\")")
include("$EMSCRIPTEN_ROOT/cmake/Modules/Platform/Emscripten.cmake")
set(CMAKE_C_COMPILER "$deps/bin/emcc")
set(CMAKE_CXX_COMPILER "$deps/bin/em++")
END
    # The repository's own scripts are ES modules; the .js programs that emscripten makes for node are not.
    put "$root/build/package.json" <<<'{ "type": "commonjs" }'
    put "$deps/toolchain.env" <<END
EMSCRIPTEN_ROOT='$EMSCRIPTEN_ROOT'
EMSCRIPTEN_VERSION='$EMSCRIPTEN_VERSION'
EM_CONFIG='$EM_CONFIG'
HEADERS_ROOT='$HEADERS_ROOT'
END
}

# try_compiler: the features pellucid stands on, once per compiler: SIMD, exceptions, Embind, no eval.
try_compiler() {
    local folder=$deps/try
    mkdir -p "$folder"
    cat >"$folder/try.cpp" <<'END'
#include <emscripten/bind.h>
#include <xsimd/xsimd.hpp>
#include <stdexcept>
int answer() {
    try { throw std::runtime_error("caught"); }
    catch (const std::exception&) { return int(xsimd::reduce_add(xsimd::batch<float>(10.5f))); }
}
EMSCRIPTEN_BINDINGS(trial) { emscripten::function("answer", &answer); }
END
    "$deps/bin/em++" -std=c++20 -O1 -msimd128 -fwasm-exceptions -isystem "$deps/include" -lembind \
        -sDYNAMIC_EXECUTION=0 -sMODULARIZE -sEXPORT_ES6 "$folder/try.cpp" -o "$folder/try.mjs" &&
        node -e "import('$folder/try.mjs').then(m => m.default()).then(m => process.exit(m.answer() == 42 ? 0 : 1))" ||
        die "em++ $EMSCRIPTEN_VERSION ($EMSCRIPTEN_ROOT) does not build a small program; see above."
    rm -r "$folder"
}

# deps_key: changes whenever the choices could come out differently.
deps_key() {
    {
        cat wasm/toolchain/{deps,trixie,common}.sh
        echo "$cache" "${PELLUCID_HEADERS:-}" "${PELLUCID_UNPINNED:-}" "$user_em_config" "$(command -v node)"
        if emcc_on_path; then stat -Lc %Y "$(emcc_on_path)"; fi
    } | sha256sum
}

check_deps() {
    local user_em_config=${EM_CONFIG:-}
    if [ "$(cat "$deps/.key" 2>/dev/null)" = "$(deps_key)" ]; then
        . "$deps/toolchain.env"
        if [ -x "$EMSCRIPTEN_ROOT/em++" ] && [ -d "$deps/include/stb/" ]; then
            say "WASM compiler: emscripten $EMSCRIPTEN_VERSION; headers: in place"
            return
        fi
    fi
    mkdir -p "$deps" "$cache"
    rm -f "$deps/.key"
    choose_emscripten
    say "WASM compiler: emscripten $EMSCRIPTEN_VERSION in $EMSCRIPTEN_ROOT"
    choose_headers
    say "headers: $(header_versions "$HEADERS_ROOT" | paste -sd, | sed 's/,/, /g')"
    write_deps
    try_compiler
    deps_key >"$deps/.key"
}
