/// For loops over many numbers that are worth no kernel of their own.
#pragma once

/// Before a function: its loops may be done in vectors. GCC's -O2, which keeps the code small, else only does so where
/// it knows how often a loop runs. Results are the same to the last bit: sums are never put in another order.
#if defined(__GNUC__) && !defined(__clang__)
#define PELLUCID_VECTORISED __attribute__((optimize("vect-cost-model=dynamic")))
#else
#define PELLUCID_VECTORISED
#endif
