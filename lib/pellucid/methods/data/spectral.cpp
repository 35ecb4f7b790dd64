#include "pellucid/methods/data/spectral.hpp"

#include "pellucid/order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pellucid::methods {

namespace {

/// A = Q T Qᵀ with T of three diagonals: one Householder reflection per column, from the first on. Q ends up in `a`.
void tridiagonalise(Square& a, std::vector<double>& diagonal, std::vector<double>& beside) {
    const std::size_t n = a.size;
    diagonal.assign(n, 0.0);
    beside.assign(n, 0.0);
    Square q{n, std::vector<double>(n * n, 0.0)};
    for (std::size_t i = 0; i < n; ++i) q(i, i) = 1.0;
    std::vector<double> v(n), p(n);
    for (std::size_t k = 0; k + 2 < n; ++k) {
        double square = 0;
        for (std::size_t i = k + 1; i < n; ++i) square += a(i, k) * a(i, k);
        const double length = std::sqrt(square);
        double rest = square - a(k + 1, k) * a(k + 1, k);
        if (length == 0.0 || rest <= 0.0) continue;
        // H = I − 2vvᵀ/(vᵀv) maps the column below the diagonal onto its first place.
        const double onto = a(k + 1, k) > 0 ? -length : length;
        for (std::size_t i = k + 1; i < n; ++i) v[i] = a(i, k);
        v[k + 1] -= onto;
        rest += v[k + 1] * v[k + 1];
        const double factor = 2.0 / rest;
        // A ← HAH = A − vwᵀ − wvᵀ.
        double both = 0;
        for (std::size_t i = k + 1; i < n; ++i) {
            double sum = 0;
            for (std::size_t j = k + 1; j < n; ++j) sum += a(i, j) * v[j];
            p[i] = factor * sum;
            both += p[i] * v[i];
        }
        for (std::size_t i = k + 1; i < n; ++i) p[i] -= 0.5 * factor * both * v[i];
        for (std::size_t i = k + 1; i < n; ++i) {
            for (std::size_t j = k + 1; j < n; ++j) a(i, j) -= v[i] * p[j] + p[i] * v[j];
        }
        a(k + 1, k) = a(k, k + 1) = onto;
        for (std::size_t i = k + 2; i < n; ++i) a(i, k) = a(k, i) = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            double sum = 0;
            for (std::size_t j = k + 1; j < n; ++j) sum += q(i, j) * v[j];
            for (std::size_t j = k + 1; j < n; ++j) q(i, j) -= factor * sum * v[j];
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        diagonal[i] = a(i, i);
        if (i + 1 < n) beside[i] = a(i + 1, i);
    }
    a = std::move(q);
}

/// Implicit QL with Wilkinson's shifts: rotates until nothing stands beside the diagonal.
void diagonalise(std::vector<double>& diagonal, std::vector<double>& beside, Square& vectors) {
    const std::size_t n = diagonal.size();
    for (std::size_t l = 0; l < n; ++l) {
        for (int round = 0; round < 60; ++round) {
            std::size_t m = l;
            while (m + 1 < n) {
                const double scale = std::abs(diagonal[m]) + std::abs(diagonal[m + 1]);
                if (std::abs(beside[m]) <= std::numeric_limits<double>::epsilon() * scale) break;
                ++m;
            }
            if (m == l) break;
            double g = (diagonal[l + 1] - diagonal[l]) / (2.0 * beside[l]);
            double r = std::hypot(g, 1.0);
            g = diagonal[m] - diagonal[l] + beside[l] / (g + std::copysign(r, g));
            double s = 1.0, c = 1.0, p = 0.0;
            bool vanished = false;
            for (std::size_t i = m; i-- > l;) {
                const double f = s * beside[i], b = c * beside[i];
                r = std::hypot(f, g);
                beside[i + 1] = r;
                if (r == 0.0) {
                    diagonal[i + 1] -= p;
                    beside[m] = 0.0;
                    vanished = true;
                    break;
                }
                s = f / r;
                c = g / r;
                g = diagonal[i + 1] - p;
                r = (diagonal[i] - g) * s + 2.0 * c * b;
                p = s * r;
                diagonal[i + 1] = g + p;
                g = c * r - b;
                for (std::size_t k = 0; k < n; ++k) {
                    const double upper = vectors(k, i + 1);
                    vectors(k, i + 1) = s * vectors(k, i) + c * upper;
                    vectors(k, i) = c * vectors(k, i) - s * upper;
                }
            }
            if (vanished) continue;
            diagonal[l] -= p;
            beside[l] = g;
            beside[m] = 0.0;
        }
    }
}

/// The first `k` rows that a QR decomposition of the rows (as columns) would pivot to: each time the one that is
/// longest once its part along those already chosen is taken away.
std::vector<std::size_t> pivots(std::vector<std::vector<double>> rows, std::size_t k) {
    std::vector<std::size_t> chosen;
    for (std::size_t step = 0; step < k; ++step) {
        std::size_t best = 0;
        double longest = -1;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double square = std::inner_product(rows[i].begin(), rows[i].end(), rows[i].begin(), 0.0);
            if (square > longest && std::ranges::find(chosen, i) == chosen.end()) {
                longest = square;
                best = i;
            }
        }
        chosen.push_back(best);
        std::vector<double> unit = rows[best];
        const double length = std::sqrt(std::max(longest, 0.0));
        for (double& u : unit) u = length > 0 ? u / length : 0.0;
        for (auto& row : rows) {
            const double along = std::inner_product(row.begin(), row.end(), unit.begin(), 0.0);
            for (std::size_t j = 0; j < unit.size(); ++j) row[j] -= along * unit[j];
        }
    }
    return chosen;
}

/// The orthogonal factor of M = (orthogonal)·(symmetric, positive): M (MᵀM)^−½.
Square orthogonal_factor(const Square& m) {
    const std::size_t k = m.size;
    Square gram{k, std::vector<double>(k * k, 0.0)};
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < k; ++j) {
            for (std::size_t r = 0; r < k; ++r) gram(i, j) += m(r, i) * m(r, j);
        }
    }
    const Eigen eigen = eigen_of_symmetric(gram);
    Square root{k, std::vector<double>(k * k, 0.0)};
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < k; ++j) {
            for (std::size_t e = 0; e < k; ++e) {
                const double value = std::max(eigen.values[e], 1e-300);
                root(i, j) += eigen.vectors(i, e) * eigen.vectors(j, e) / std::sqrt(value);
            }
        }
    }
    Square factor{k, std::vector<double>(k * k, 0.0)};
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < k; ++j) {
            for (std::size_t r = 0; r < k; ++r) factor(i, j) += m(i, r) * root(r, j);
        }
    }
    return factor;
}

/// The cluster of every row; numbered so that larger clusters come first, equals by their first sample.
std::vector<std::size_t> assigned(const std::vector<std::vector<double>>& rows, std::size_t k) {
    const std::vector<std::size_t> chosen = pivots(rows, k);
    Square corner{k, std::vector<double>(k * k)};
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < k; ++j) corner(i, j) = rows[chosen[j]][i];
    }
    const Square turn = orthogonal_factor(corner);
    std::vector<std::size_t> raw, sizes(k, 0), rank(k), first(k, rows.size());
    for (std::size_t n = 0; n < rows.size(); ++n) {
        std::size_t best = 0;
        double largest = -1;
        for (std::size_t j = 0; j < k; ++j) {
            double sum = 0;
            for (std::size_t i = 0; i < k; ++i) sum += rows[n][i] * turn(i, j);
            if (std::abs(sum) > largest) {
                largest = std::abs(sum);
                best = j;
            }
        }
        raw.push_back(best);
        ++sizes[best];
        first[best] = std::min(first[best], n);
    }
    const auto order = sorted_places(k, [&](std::size_t a, std::size_t b) {
        return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : first[a] < first[b];
    });
    for (std::size_t i = 0; i < k; ++i) rank[order[i]] = i;
    for (std::size_t& cluster : raw) cluster = rank[cluster];
    return raw;
}

}  // namespace

Eigen eigen_of_symmetric(Square matrix) {
    std::vector<double> diagonal, beside;
    tridiagonalise(matrix, diagonal, beside);
    diagonalise(diagonal, beside, matrix);
    const std::size_t n = diagonal.size();
    const auto order = sorted_places(n, [&](std::size_t a, std::size_t b) { return diagonal[a] < diagonal[b]; });
    Eigen eigen{std::vector<double>(n), Square{n, std::vector<double>(n * n)}};
    for (std::size_t k = 0; k < n; ++k) {
        eigen.values[k] = diagonal[order[k]];
        for (std::size_t i = 0; i < n; ++i) eigen.vectors(i, k) = matrix(i, order[k]);
    }
    return eigen;
}

Square neighbour_affinity(const std::vector<std::vector<double>>& points, std::size_t neighbours) {
    const std::size_t n = points.size();
    Square affinity{n, std::vector<double>(n * n, 0.0)};
    std::vector<double> distances(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            double square = 0;
            for (std::size_t d = 0; d < points[i].size(); ++d)
                square += (points[i][d] - points[j][d]) * (points[i][d] - points[j][d]);
            distances[j] = j == i ? -1.0 : square;
        }
        const auto order = sorted_places(n, [&](std::size_t a, std::size_t b) { return distances[a] < distances[b]; });
        for (std::size_t k = 0; k < std::min(neighbours, n); ++k) {
            affinity(i, order[k]) += 0.5;
            affinity(order[k], i) += 0.5;
        }
    }
    return affinity;
}

Clusters spectral_clusters(const Square& affinity, std::size_t count, std::size_t most) {
    const std::size_t n = affinity.size;
    std::vector<double> degree(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) degree[i] += i == j ? 0.0 : affinity(i, j);
        degree[i] = degree[i] > 0 ? std::sqrt(degree[i]) : 1.0;
    }
    Square laplacian{n, std::vector<double>(n * n)};
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < n; ++j) {
            laplacian(i, j) = i == j ? 0.0 : -affinity(i, j) / (degree[i] * degree[j]);
            sum += i == j ? 0.0 : affinity(i, j);
        }
        // A sample that nobody is like is a component of its own.
        laplacian(i, i) = sum > 0 ? 1.0 : 0.0;
    }
    const Eigen eigen = eigen_of_symmetric(std::move(laplacian));
    Clusters clusters;
    const std::size_t known = std::min(n, std::max(most, count) + 1);
    clusters.eigenvalues.assign(eigen.values.begin(), eigen.values.begin() + static_cast<std::ptrdiff_t>(known));
    clusters.count = std::min(count, n);
    if (count == 0) {
        clusters.count = 1;
        double widest = -1;
        for (std::size_t k = 1; k < known; ++k) {
            const double gap = clusters.eigenvalues[k] - clusters.eigenvalues[k - 1];
            if (gap > widest) {
                widest = gap;
                clusters.count = k;
            }
        }
    }
    std::vector<std::vector<double>> rows(n, std::vector<double>(clusters.count));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < clusters.count; ++k) rows[i][k] = eigen.vectors(i, k) / degree[i];
    }
    clusters.of = assigned(rows, clusters.count);
    return clusters;
}

}  // namespace pellucid::methods
