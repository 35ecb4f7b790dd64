/// The choice of a table at run time.
///
/// The environment variable PELLUCID_KERNELS = avx512 | avx2 | sse4_2 | scalar asks for one of those that the machine
/// can run; any other value is refused.
#include "pellucid/simd/tables.hpp"

#include "pellucid/error.hpp"

#if defined(__x86_64__)
#include <xsimd/xsimd.hpp>
#endif

#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

namespace pellucid::simd {
namespace {

#if defined(__x86_64__)
#if defined(PELLUCID_ONE_VECTOR_SET)
using Architectures = xsimd::arch_list<xsimd::fma3<xsimd::avx2>, xsimd::sse2>;
#else
using Architectures = xsimd::arch_list<xsimd::avx512f, xsimd::fma3<xsimd::avx2>, xsimd::sse4_2, xsimd::sse2>;
#endif

struct TableOf {
#if !defined(PELLUCID_ONE_VECTOR_SET)
    const Kernels* operator()(xsimd::avx512f) const { return &avx512_kernels; }
    const Kernels* operator()(xsimd::sse4_2) const { return &sse4_2_kernels; }
#endif
    const Kernels* operator()(xsimd::fma3<xsimd::avx2>) const { return &avx2_kernels; }
    const Kernels* operator()(xsimd::sse2) const { return &scalar_kernels; }
};

const Kernels* fastest() { return xsimd::dispatch<Architectures>(TableOf{})(); }
#else
const Kernels* fastest() { return &scalar_kernels; }
#endif

const Kernels* best() {
    const char* wanted = std::getenv("PELLUCID_KERNELS");
    if (wanted == nullptr || *wanted == '\0') return fastest();
    std::string names;
    for (const Kernels* table : available_kernels()) {
        if (std::string_view(table->name) == wanted) return table;
        names += (names.empty() ? "" : ", ") + std::string(table->name);
    }
    fail(ErrorCode::bad_argument, "PELLUCID_KERNELS is '{}'; this machine runs {}", wanted, names);
}

std::atomic<const Kernels*>& current() {
    static std::atomic<const Kernels*> table = best();
    return table;
}

}  // namespace

const Kernels& kernels() { return *current().load(std::memory_order_relaxed); }

void use_kernels(const Kernels* table) { current().store(table != nullptr ? table : best()); }

std::vector<const Kernels*> available_kernels() {
    std::vector<const Kernels*> tables;
#if defined(__x86_64__)
    const auto available = xsimd::available_architectures();
    Architectures::for_each([&](auto arch) {
        if (available.has(arch)) tables.push_back(TableOf{}(arch));
    });
#else
    tables.push_back(&scalar_kernels);
#endif
    return tables;
}

}  // namespace pellucid::simd
