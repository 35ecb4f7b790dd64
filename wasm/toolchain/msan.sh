#!/usr/bin/env bash
# npm run msan [-- DOCTEST OPTIONS]: the C++ tests under MemorySanitizer, which stops where a value that nobody wrote is
# used.
#
# MemorySanitizer takes what code without its checks has written for unwritten, so the C++ library must be compiled with
# them, too: LLVM's libc++, from the sources of Debian's package (165 MB, once; apt checks their signature), is built
# into the cache in two minutes. The system stays as it is, but for clang where it is missing.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. wasm/toolchain/system.sh
. wasm/toolchain/trixie.sh

bash wasm/toolchain/setup.sh
check_clang

libcxx=$cache/libcxx-memory-$clang_version
if [ ! -e "$libcxx/.complete" ]; then
    mirror=$(apt_mirror)
    [ -n "$mirror" ] || die "apt's sources name no Debian archive, so the sources of libc++ cannot be had."
    work=$cache/libcxx.$$
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial" "$work/apt/archives/partial"
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    echo "deb-src $mirror $codename main" >"$work/sources.list"
    options=(-o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/apt" -o APT::Sandbox::User=root)
    say "fetching the sources of libc++ $clang_version"
    (cd "$work" && apt-get -qq "${options[@]}" update && apt-get -qq "${options[@]}" --download-only source \
        llvm-toolchain-$clang_version) || die "apt cannot get the sources of llvm-toolchain-$clang_version."
    mkdir "$work/source"
    tar -xf "$work"/*.orig.tar.xz -C "$work/source" --strip-components 1 --wildcards \
        '*/libcxx/*' '*/libcxxabi/*' '*/runtimes/*' '*/cmake/*' '*/llvm/utils/llvm-lit/*'
    say "building libc++ under MemorySanitizer into $libcxx"
    cmake -G Ninja -S "$work/source/runtimes" -B "$work/build" -DCMAKE_INSTALL_PREFIX="$libcxx" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-O1 -DLLVM_USE_SANITIZER=Memory \
        -DCMAKE_C_COMPILER=clang-$clang_version -DCMAKE_CXX_COMPILER=clang++-$clang_version \
        -DLLVM_ENABLE_RUNTIMES="libcxx;libcxxabi" -DLIBCXXABI_USE_LLVM_UNWINDER=OFF \
        -DLIBCXX_ENABLE_SHARED=OFF -DLIBCXXABI_ENABLE_SHARED=OFF -DLLVM_INCLUDE_TESTS=OFF \
        -DLIBCXX_INCLUDE_BENCHMARKS=OFF -DLIBCXX_INCLUDE_TESTS=OFF -DLIBCXXABI_INCLUDE_TESTS=OFF >"$work/log" 2>&1 &&
        ninja -C "$work/build" install-cxx install-cxxabi >>"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        die "libc++ could not be built."
    }
    touch "$libcxx/.complete"
fi

PELLUCID_LIBCXX=$libcxx bash wasm/toolchain/build.sh msan-tests
MSAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-$clang_version)
export MSAN_SYMBOLIZER_PATH
exec build/msan/pellucid_tests --no-colors "$@"
