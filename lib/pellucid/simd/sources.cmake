# Included by lib/CMakeLists.txt once the target `pellucid` exists. Every file of kernels is built with the flags of its
# instruction set, without the precompiled header (its inline functions would be built with those flags too and could
# replace everybody's at link time), and always optimised, for the same reason.
set(simd "${CMAKE_CURRENT_LIST_DIR}")
set(kernel_optimisation -O3)
set(sanitized OFF)
if(PELLUCID_SANITIZE OR PELLUCID_SANITIZE_MEMORY OR PELLUCID_SANITIZE_THREADS)
    set(sanitized ON)
endif()
if(sanitized)
    # What kernels can do wrong is to leave their arrays or to overflow an index; that stays watched. Checks of every
    # pointer and of every variable of the unrolled tiles take ten minutes to compile for a single instruction set.
    set(kernel_optimisation -O1 -fno-sanitize=null,alignment,object-size,vptr,pointer-overflow)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        list(APPEND kernel_optimisation -fno-sanitize-address-use-after-scope --param=asan-stack=0)
    endif()
endif()
if(PELLUCID_FUZZ)
    # Clang takes ten times as long over the checks that it puts beside each access; and whether an input reaches
    # another edge of a tile tells the fuzzer nothing. AddressSanitizer stays.
    set(kernel_optimisation -O1 -fno-sanitize=undefined,float-cast-overflow,fuzzer-no-link
        -fno-sanitize-address-use-after-scope)
endif()
target_sources(pellucid PRIVATE "${simd}/pack.cpp" "${simd}/scratch.cpp")

if(EMSCRIPTEN)
    # Three builds of the same kernels. Who links pellucid links exactly one of them after it.
    function(pellucid_wasm_kernels variant source)
        add_library(pellucid_kernels_${variant} STATIC "${simd}/${source}" "${simd}/dispatch_wasm.cpp")
        target_include_directories(pellucid_kernels_${variant} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
        target_link_libraries(pellucid_kernels_${variant} PUBLIC pellucid_options)
        target_compile_options(pellucid_kernels_${variant} PRIVATE -O3 ${ARGN})
    endfunction()
    pellucid_wasm_kernels(scalar kernels_scalar.cpp -DPELLUCID_SCALAR_ONLY)
    pellucid_wasm_kernels(simd128 kernels_wasm.cpp -msimd128)
    pellucid_wasm_kernels(relaxed kernels_wasm.cpp -msimd128 -mrelaxed-simd)
else()
    function(pellucid_native_kernels source)
        target_sources(pellucid PRIVATE "${simd}/${source}")
        set_source_files_properties("${simd}/${source}" PROPERTIES
            SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "${kernel_optimisation};${ARGN}")
    endfunction()
    target_sources(pellucid PRIVATE "${simd}/dispatch_native.cpp")
    pellucid_native_kernels(kernels_scalar.cpp)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        pellucid_native_kernels(kernels_avx2.cpp -mavx2 -mfma)
        if(sanitized AND NOT PELLUCID_EVERY_KERNEL)
            # One set stands for all: they are the same templates at other widths, and each takes a minute to compile.
            set_source_files_properties("${simd}/dispatch_native.cpp" PROPERTIES
                COMPILE_DEFINITIONS PELLUCID_ONE_VECTOR_SET SKIP_PRECOMPILE_HEADERS ON)
        else()
            pellucid_native_kernels(kernels_sse4_2.cpp -msse4.2)
            # GCC 12 takes the undefined argument in its own AVX-512 header for an uninitialised one.
            foreach(part IN ITEMS kernels_avx512 kernels_avx512_conv kernels_avx512_back)
                pellucid_native_kernels(${part}.cpp -mavx512f -Wno-maybe-uninitialized -Wno-uninitialized)
            endforeach()
        endif()
    endif()
endif()
