/// The table of one instruction set, from the templates.
#pragma once

#include "pellucid/simd/conv.hpp"
#include "pellucid/simd/conv_pool_sparse.hpp"
#include "pellucid/simd/conv_pooled.hpp"
#include "pellucid/simd/conv_sparse.hpp"
#include "pellucid/simd/dense.hpp"
#include "pellucid/simd/elementwise.hpp"
#include "pellucid/simd/line.hpp"
#include "pellucid/simd/pool.hpp"
#include "pellucid/simd/sampling.hpp"
#include "pellucid/simd/scatter.hpp"
#include "pellucid/simd/weight_gradient.hpp"

namespace pellucid::simd {

template <class Isa>
constexpr auto dense_adjoint_of() -> decltype(Kernels::dense_adjoint) {
    if constexpr (Isa::width >= 8 || sums_at_once<Isa> > 1) return &dense_adjoint<Isa>;
    return nullptr;
}

template <class Isa>
constexpr Kernels table() {
    return {Isa::name,
            Isa::winograd_places || Isa::winograd4_places,
            &conv<Isa>,
            &conv_pool<Isa>,
            &conv_pool_traced<Isa>,
            &conv_weight_gradient<Isa>,
            &dense<Isa>,
            &conv_sparse<Isa>,
            &pooled_adjoint<Isa>,
            dense_adjoint_of<Isa>(),
            &dense_weight_gradient<Isa>,
            &sum_rows<Isa>,
            &max_pool<Isa>,
            &max_pool_gradient<Isa>,
            &line_pool<Isa>,
            &line_pool_gradient<Isa>,
            &differences<Isa>,
            &scatter_products<Isa>,
            &adam<Isa>,
            &positive<Isa>,  // relu
            &relu_gradient<Isa>,
            &guided_gradient<Isa>,
            &gate<Isa>,
            &least<Isa>,
            &sum<Isa>,
            &positive<Isa>,
            &negative<Isa>,
            &add<Isa>,
            &multiply<Isa>,
            &multiply_add<Isa>,
            &divide_stabilised<Isa>,
            &normal<Isa>,
            &add_powers<Isa>};
}

}  // namespace pellucid::simd
