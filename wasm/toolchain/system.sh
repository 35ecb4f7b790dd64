# The machine's own packages (bash, sourced): compilers, build tools, oneTBB, zlib; for the tests a browser, for fuzzing
# clang.

# has_header HEADER: can the native compiler include it?
has_header() { printf '#include <%s>\n' "$1" | g++ -x c++ -std=c++20 -fsyntax-only - 2>/dev/null; }

# check_mpi: for mpirun. Everything else works without, so where it cannot be had the set-up goes on, and asks once
# only.
check_mpi() {
    if have mpicxx || [ -e "$cache/without-mpi" ] || [ "$(id -u)" != 0 ] || ! have apt-get; then return; fi
    (apt_install "to share work among processes and machines (mpirun)" openmpi-bin libopenmpi-dev) || {
        say "without MPI (rm $cache/without-mpi to try again)"
        touch "$cache/without-mpi"
    }
}

check_system() {
    local missing=()
    have g++ || missing+=(g++)
    have cmake || missing+=(cmake)
    have ninja || missing+=(ninja-build)
    have python3 || missing+=(python3) # emscripten is written in it
    if have g++; then
        # Preprocessing zlib and one small TBB header takes 30 ms; all of TBB would take a second.
        has_header zlib.h || missing+=(zlib1g-dev)
        has_header oneapi/tbb/version.h || missing+=(libtbb-dev)
    else
        missing+=(zlib1g-dev libtbb-dev)
    fi
    [ ${#missing[@]} = 0 ] || apt_install "build tools" "${missing[@]}"
    check_mpi

    local gcc cmake node
    gcc=$(g++ -dumpfullversion)
    cmake=$(cmake --version | sed -n '1s/[^0-9]*//p')
    node=$(node --version) # npm started us, so there is one
    at_least 12 "$gcc" || die "g++ $gcc is too old: 12 or later is needed."
    at_least 3.25 "$cmake" || die "CMake $cmake is too old: 3.25 or later is needed."
    at_least 20.10 "${node#v}" || die "Node.js $node is too old: 20.10 or later is needed."
    say "system: g++ $gcc, CMake $cmake, node ${node#v}, oneTBB, zlib"
}

# For libFuzzer; Debian 12 and 13 both have this version.
clang_version=19
check_clang() {
    local runtime
    if have clang++-$clang_version; then
        runtime=$(clang++-$clang_version -print-file-name=libclang_rt.fuzzer-"$(uname -m)".a)
        if [ ! -e "$runtime" ]; then # where clang is told to use folders per target
            runtime=$(clang++-$clang_version -print-file-name=libclang_rt.fuzzer.a)
        fi
    fi
    # llvm-symbolizer makes lines of the addresses in a report.
    [ -e "${runtime:-}" ] && have llvm-symbolizer-$clang_version ||
        apt_install "for fuzzing" clang-$clang_version libclang-rt-$clang_version-dev llvm-$clang_version
    say "fuzzing: $(clang++-$clang_version --version | head -n 1)"
}

check_browser() {
    if [ -n "${PELLUCID_CHROMIUM:-}" ]; then
        [ -x "$PELLUCID_CHROMIUM" ] || die "PELLUCID_CHROMIUM is $PELLUCID_CHROMIUM, which is not a program."
    elif ! have chromium; then
        apt_install "browser for the page's tests" chromium
    fi
    say "browser: ${PELLUCID_CHROMIUM:-$(command -v chromium)}"
}
