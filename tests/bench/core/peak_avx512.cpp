#define PEAK peak_avx512
#define PEAK_NAME "avx512"
#define PEAK_BYTES 64
#include "peak_loop.hpp"
