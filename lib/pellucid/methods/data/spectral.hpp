/// Spectral clustering: groups of samples from how alike they are, by eigenvectors of a graph's Laplacian.
#pragma once

#include <cstddef>
#include <vector>

namespace pellucid::methods {

/// A square matrix, row by row.
struct Square {
    std::size_t size = 0;
    std::vector<double> values;
    double& operator()(std::size_t i, std::size_t j) { return values[i * size + j]; }
    double operator()(std::size_t i, std::size_t j) const { return values[i * size + j]; }
};

/// Eigenvalues of a symmetric matrix upwards, and in column k of `vectors` the eigenvector of value k, of length 1.
/// Householder's reduction to three diagonals, then implicit QL; O(n³).
struct Eigen {
    std::vector<double> values;
    Square vectors;
};
Eigen eigen_of_symmetric(Square matrix);

/// Who is among the `neighbours` nearest of whom, oneself included, as ½(C + Cᵀ) of the 0-and-1 matrix C. Of equally
/// near ones the first.
Square neighbour_affinity(const std::vector<std::vector<double>>& points, std::size_t neighbours);

struct Clusters {
    std::vector<double> eigenvalues;  ///< of the normalised Laplacian, the smallest ones upwards
    std::size_t count = 0;
    std::vector<std::size_t> of;  ///< cluster of every sample, the largest cluster first
};

/// Clusters of the graph with that affinity: I − D^−½ A D^−½ without the diagonal of A (as scikit-learn has it), its
/// first eigenvectors divided by √degree, and the pivoted QR assignment of Damle, Minden, Ying 2019, which draws
/// nothing by chance. `count` 0: as many as the largest gap among the first `most` + 1 eigenvalues says.
Clusters spectral_clusters(const Square& affinity, std::size_t count, std::size_t most);

}  // namespace pellucid::methods
