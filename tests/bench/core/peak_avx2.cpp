#define PEAK peak_avx2
#define PEAK_NAME "avx2"
#define PEAK_BYTES 32
#include "peak_loop.hpp"
