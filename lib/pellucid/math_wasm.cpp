/// exp, log, pow, sin and cos of doubles for WebAssembly, in place of the C library's: these work from 10 KB of tables,
/// which are as many bytes of the page's download, and reduce angles of any size. Here exp, log and pow go back to
/// expm1 and log1p, which are there anyway and have no tables. At most 2 units in the last place are lost; by pow,
/// whose exponent may magnify them, 1e-13 of the value. Results of exp below 1e-308 are 0.
#ifdef __EMSCRIPTEN__

#include <cmath>
#include <limits>

extern "C" {

double exp(double x) {
    // Below −1/2 the sum would cancel.
    return x > -0.5 ? 1 + expm1(x) : 1 / (1 + expm1(-x));
}

double log(double x) {
    if (!(x > 0)) return x == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    if (x > std::numeric_limits<double>::max()) return x;
    // x = m·2^k with m around 1, so that m − 1 is exact and the two terms do not cancel.
    int k = 0;
    double m = frexp(x, &k);
    if (m < 0.70710678118654752) {
        m *= 2;
        --k;
    }
    constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;  // k·ln2_high is exact
    return k * ln2_high + (log1p(m - 1) + k * ln2_low);
}

/// The angle as quarter turns and what is left of it, at most an eighth; exact enough up to a million.
static double reduced(double x, int& quarters) {
    constexpr double high = 0x1.921fb544p+0, middle = 0x1.0b4611a6p-34, low = 0x1.3198a2e037073p-69;  // π/2
    const double turns = floor(x / high + 0.5);
    quarters = static_cast<int>(static_cast<long long>(turns)) & 3;
    return ((x - turns * high) - turns * middle) - turns * low;
}

/// Taylor's series of sin (first = 1) and cos (first = 0), 10 terms: below an eighth of a turn the next is below 1e-19.
static double series(double x, int first) {
    double sum = 1;
    for (int n = 18; n >= 2; n -= 2) sum = 1 - sum * x * x / ((n + first) * (n + first - 1));
    return first == 1 ? x * sum : sum;
}

static double sine(double x, int shift) {
    if (!(fabs(x) <= std::numeric_limits<double>::max())) return std::numeric_limits<double>::quiet_NaN();
    int quarters = 0;
    const double rest = reduced(x, quarters);
    quarters = (quarters + shift) & 3;
    const double size = series(rest, 1 - quarters % 2);
    return quarters < 2 ? size : -size;
}

double sin(double x) { return sine(x, 0); }
double cos(double x) { return sine(x, 1); }

double pow(double x, double y) {
    if (y == 0 || x == 1) return 1;
    if (std::isnan(x) || std::isnan(y)) return x + y;
    const bool whole = y == floor(y);
    const bool odd = whole && floor(y / 2) != y / 2;
    const double size = fabs(x);
    double power = 1;
    if (whole && fabs(y) <= 64) {
        for (int i = 0; i < static_cast<int>(fabs(y)); ++i) power *= size;
        if (y < 0) power = 1 / power;
    } else if (y == 0.5) {
        power = sqrt(size);
    } else if (size == 1) {
        power = 1;  // also where y is infinite
    } else {
        power = exp(y * log(size));
    }
    if (x < 0 || (x == 0 && std::signbit(x))) {
        if (!whole && x < 0 && size <= std::numeric_limits<double>::max())
            return std::numeric_limits<double>::quiet_NaN();
        if (odd) return -power;
    }
    return power;
}
}

#endif
