#define PEAK peak_wasm
#define PEAK_NAME "wasm"
#define PEAK_BYTES 16
#include "peak_loop.hpp"
