/// label_audit and spray: cleanlab's and scikit-learn's answers are in tests/parity; here what is known without them.
#include "pellucid/error.hpp"
#include "pellucid/methods/data/confident.hpp"
#include "pellucid/methods/data/spectral.hpp"
#include "pellucid/random.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;
using methods::Square;

TEST_CASE("label_audit: one exchanged label among sure ones is the one that is found") {
    std::vector<double> table;
    std::vector<std::size_t> labels;
    for (std::size_t n = 0; n < 30; ++n) {
        const std::size_t truth = n % 3;
        for (std::size_t j = 0; j < 3; ++j) table.push_back(j == truth ? 0.9 - 0.001 * static_cast<double>(n) : 0.05);
        labels.push_back(n == 7 ? 2 : truth);
    }
    const methods::LabelAudit audit = methods::audit_labels(table, 3, labels);
    REQUIRE(audit.issues.size() == 1);
    CHECK(audit.issues[0] == 7);
    CHECK(audit.confident[2 * 3 + 1] == 1);
    CHECK(audit.noise() > 0.01);
    CHECK(audit.noise() < 0.1);
}

TEST_CASE("label_audit: tables that do not fit are refused") {
    const std::vector<double> table{0.5, 0.5, 0.2, 0.8};
    CHECK_THROWS_WITH_AS(methods::audit_labels(table, 2, std::vector<std::size_t>{0}), doctest::Contains("do not fit"),
                         Error);
    CHECK_THROWS_WITH_AS(methods::audit_labels(table, 2, std::vector<std::size_t>{0, 2}), doctest::Contains("no class"),
                         Error);
    CHECK_THROWS_WITH_AS(methods::audit_labels(std::vector<double>{0.5, 1.5}, 2, std::vector<std::size_t>{0}),
                         doctest::Contains("0 … 1"), Error);
}

TEST_CASE("spray: eigenvectors of symmetric matrices are such") {
    for (const std::size_t n : {1UL, 2UL, 3UL, 8UL, 25UL}) {
        Random random(static_cast<std::uint32_t>(n));
        Square matrix{n, std::vector<double>(n * n)};
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j <= i; ++j) matrix(i, j) = matrix(j, i) = static_cast<double>(random.normal());
        }
        const methods::Eigen eigen = methods::eigen_of_symmetric(matrix);
        for (std::size_t k = 0; k < n; ++k) {
            if (k > 0) CHECK(eigen.values[k] >= eigen.values[k - 1]);
            for (std::size_t i = 0; i < n; ++i) {
                double product = 0, length = 0;
                for (std::size_t j = 0; j < n; ++j) {
                    product += matrix(i, j) * eigen.vectors(j, k);
                    length += eigen.vectors(j, k) * eigen.vectors(j, k);
                }
                CHECK(product == doctest::Approx(eigen.values[k] * eigen.vectors(i, k)).epsilon(1e-9).scale(1));
                CHECK(length == doctest::Approx(1.0));
            }
        }
    }
}

TEST_CASE("spray: groups that nothing joins are found, and how many they are") {
    // Three cliques of 6, 4 and 3, told in mixed order.
    const std::vector<std::size_t> group{0, 1, 0, 2, 1, 0, 0, 1, 2, 0, 1, 2, 0};
    Square affinity{group.size(), std::vector<double>(group.size() * group.size(), 0.0)};
    for (std::size_t i = 0; i < group.size(); ++i) {
        for (std::size_t j = 0; j < group.size(); ++j) affinity(i, j) = group[i] == group[j] ? 1.0 : 0.0;
    }
    const methods::Clusters clusters = methods::spectral_clusters(affinity, 0, 8);
    CHECK(clusters.count == 3);
    CHECK(clusters.of == group);
    CHECK(clusters.eigenvalues[2] == doctest::Approx(0.0).scale(1));
    CHECK(clusters.eigenvalues[3] > 0.5);
}
