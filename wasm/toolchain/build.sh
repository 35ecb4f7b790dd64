#!/usr/bin/env bash
# Builds the parts that are named, in that order: build.sh native wasm web. Needs setup.sh to have run.
#   native        build/native/pellucid, the command
#   native-tests  build/native/pellucid_tests
#   asan-tests    build/asan/pellucid_tests, under AddressSanitizer and UndefinedBehaviorSanitizer
#   msan-tests    build/msan/pellucid_tests, under MemorySanitizer: what wasm/toolchain/msan.sh runs; needs its libc++
#   tsan-tests    build/tsan/pellucid_tests, under ThreadSanitizer
#   wasm          the C++ core in build/wasm, then the package around it in wasm/dist
#   wasm-tests    build/wasm/pellucid_tests.js, for node
#   bench         what npm run bench measures of pellucid: build/native/pellucid_bench, build/wasm/pellucid-bench-*.mjs
#   fuzz          build/fuzz/pellucid_fuzz_*, what wasm/toolchain/fuzz.sh runs; needs clang, which that script gets
#   web           the page in web/dist, from the package
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# cmake_build FOLDER TARGET OPTION...: configures when new or when the options or the compiler changed, then builds.
# (A changed CMakeLists.txt makes ninja configure again by itself.)
cmake_build() {
    local folder=$1 target=$2 options key
    shift 2
    # Programs at the top of the build folder, wherever their CMakeLists.txt is.
    options=(-G Ninja -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$root/$folder" "$@")
    mkdir -p "$folder"
    # Two builds in one folder write over each other's precompiled headers; the second waits.
    if have flock; then
        exec 8>"$folder/.lock"
        flock 8
    fi
    key=$({ printf '%s\n' "${options[@]}"; cat "$deps/toolchain.env"; } | sha256sum)
    if [ "$(cat "$folder/.configured" 2>/dev/null)" != "$key" ]; then
        say "configuring $folder"
        # CMake's report is only of interest when it fails.
        cmake --fresh -S . -B "$folder" "${options[@]}" >"$folder/configure.log" 2>&1 || {
            cat "$folder/configure.log" >&2
            die "CMake could not configure $folder."
        }
        echo "$key" >"$folder/.configured"
    fi
    say "building $target in $folder"
    # On a terminal ninja counts on one line; in a log only warnings and errors are wanted.
    if [ -t 1 ]; then ninja -C "$folder" "$target"; else ninja --quiet -C "$folder" "$target"; fi
}

npm_build() {
    [ -e "$1/package.json" ] || die "$1/package.json is missing, so there is nothing to build in $1."
    say "building $1/dist"
    npm run --silent build --workspace "$1"
}

native() {
    cmake_build build/native "$1" -DCMAKE_BUILD_TYPE=Release \
        -DPELLUCID_MPI="$(have mpicxx && echo ON || echo OFF)"
}
# -Og compiles the sanitizers' checks in half the time of -O1 and of -O0, and runs well; they see as much as at -O0.
asan() { cmake_build build/asan "$1" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-Og -g1" -DPELLUCID_SANITIZE=ON \
    -DPELLUCID_TEST_CASES="$root/build/native/tests/libpellucid_test_cases.a" \
    -DPELLUCID_EVERY_KERNEL="${PELLUCID_EVERY_KERNEL:-OFF}"; }
msan() {
    . wasm/toolchain/system.sh
    [ -n "${PELLUCID_LIBCXX:-}" ] || die "PELLUCID_LIBCXX is not set; npm run msan does that."
    cmake_build build/msan "$1" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" \
        -DCMAKE_CXX_COMPILER="clang++-$clang_version" -DPELLUCID_SANITIZE_MEMORY="$PELLUCID_LIBCXX"
}
tsan() {
    cmake_build build/tsan "$1" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" \
        -DPELLUCID_SANITIZE_THREADS=ON
}
# Line numbers without variables: enough for a report.
fuzz() {
    . wasm/toolchain/system.sh
    cmake_build build/fuzz "$1" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -gline-tables-only" \
        -DCMAKE_CXX_COMPILER="clang++-$clang_version" -DPELLUCID_SANITIZE=ON -DPELLUCID_FUZZ=ON
}
wasm() { cmake_build build/wasm "$1" -DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE="$deps/emscripten.cmake"; }

[ -e "$deps/.key" ] || die "build/deps is not filled: run npm run setup first."
for part in "$@"; do
    case $part in
        native) native all ;;
        native-tests) native pellucid_tests ;;
        # The tests are the native program's, compiled once; the library is all that the sanitizers watch.
        asan-tests) native pellucid_test_cases && asan pellucid_tests ;;
        msan-tests) msan pellucid_tests ;;
        tsan-tests) tsan pellucid_tests ;;
        # The package takes the words of the cards from the command.
        wasm) native pellucid_command && wasm all && npm_build wasm ;;
        wasm-tests) wasm pellucid_tests ;;
        bench)
            native pellucid_bench && wasm pellucid-bench-simd128 && wasm pellucid-bench-relaxed
            # Somebody else's library: where ours does not fit its version, the comparison goes without it.
            (native pellucid_bench_onednn) || say "oneDNN is left out: its part of the comparison could not be built"
            ;;
        fuzz) fuzz pellucid_fuzz ;;
        web) npm_build web ;;
        *) die "build.sh does not know '$part'; its first lines say what it knows." ;;
    esac
done
