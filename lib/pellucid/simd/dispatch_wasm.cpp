/// The choice of a table in WebAssembly, where the build has made it: one module per instruction set.
#include "pellucid/simd/tables.hpp"

namespace pellucid::simd {
namespace {

#ifdef PELLUCID_SCALAR_ONLY
const Kernels* const best = &scalar_kernels;
#else
const Kernels* const best = &wasm_kernels;
#endif
const Kernels* current = best;

}  // namespace

const Kernels& kernels() { return *current; }

void use_kernels(const Kernels* table) { current = table != nullptr ? table : best; }

std::vector<const Kernels*> available_kernels() { return {best}; }

}  // namespace pellucid::simd
