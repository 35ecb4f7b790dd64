/// Tests that should hold for every set of kernels that runs here.
#pragma once

#include "pellucid/simd/kernels.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace pellucid::test {

/// Makes a set of kernels the one in use for as long as this lives.
class WithKernels {
public:
    explicit WithKernels(const simd::Kernels* table) { simd::use_kernels(table); }
    ~WithKernels() { simd::use_kernels(nullptr); }
    WithKernels(const WithKernels&) = delete;
    WithKernels& operator=(const WithKernels&) = delete;
};

/// Calls body() with each of them in use, best first; only with the one that PELLUCID_KERNELS asks for where it does.
template <typename Body>
void each_kernels(const Body& body) {
    const char* wanted = std::getenv("PELLUCID_KERNELS");
    for (const simd::Kernels* table : simd::available_kernels()) {
        if (wanted != nullptr && std::string(wanted) != table->name) continue;
        const WithKernels in_use(table);
        CAPTURE(std::string(table->name));
        body();
    }
}

}  // namespace pellucid::test
