/// spray: which strategies does the network have? Relevance maps of many inputs, clustered. Lapuschkin et al. 2019.
///
/// Each input's map is averaged over squares of `pool` pixels and divided by its length; who is among the `neighbours`
/// nearest of whom makes a graph; the eigenvalues of its Laplacian say how many groups there are (the largest gap),
/// their eigenvectors which (methods/data/spectral.hpp). A cheat shows as a group of its own whose mean map points at
/// it. `affinity` (N, 1, 1, N) replaces the graph's.
/// Shapes: cluster one number per sample; cluster_map the mean map of each sample's cluster. Cost: the maps, and O(N³).
#include "pellucid/methods/data/spectral.hpp"
#include "pellucid/methods/judging/lens.hpp"

#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

struct SprayParams {
    LensParams lens;
    std::size_t clusters = 0, most = 8, neighbours = 10, pool = 2;
    std::shared_ptr<const Tensor> affinity;
};

void describe(Fields& f, SprayParams& p) {
    describe_judged(f, p.lens);
    f.integer("clusters", p.clusters, {0, 100}, "groups; 0: as many as the largest gap of eigenvalues says");
    f.integer("most", p.most, {1, 100}, "groups at most").when("clusters", {"0"});
    f.integer("neighbours", p.neighbours, {2, 1000}, "nearest maps, itself included, that a map is joined to");
    f.integer("pool", p.pool, {1, 64}, "side of the squares that maps are averaged over").in("px");
    f.image("affinity", p.affinity, "how alike the inputs are, (N, 1, 1, N), in place of the maps' graph").replay();
}

/// One map as a point: averaged over squares, of length 1.
std::vector<double> point_of(const Tensor& maps, std::size_t n, std::size_t pool) {
    const std::size_t height = maps.shape()[1], width = maps.shape()[2];
    const std::size_t rows = (height + pool - 1) / pool, columns = (width + pool - 1) / pool;
    const std::vector<double> pixels = by_pixel(maps, n);
    std::vector<double> point(rows * columns, 0.0), counts(rows * columns, 0.0);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const std::size_t to = i / width / pool * columns + i % width / pool;
        point[to] += pixels[i];
        counts[to] += 1.0;
    }
    double square = 0;
    for (std::size_t i = 0; i < point.size(); ++i) {
        point[i] /= counts[i];
        square += point[i] * point[i];
    }
    for (double& v : point) v /= square > 0 ? std::sqrt(square) : 1.0;
    return point;
}

Square affinity_of(const SprayParams& p, const Tensor& maps) {
    const std::size_t samples = maps.shape()[0];
    if (p.affinity == nullptr) {
        std::vector<std::vector<double>> points;
        for (std::size_t n = 0; n < samples; ++n) points.push_back(point_of(maps, n, p.pool));
        return neighbour_affinity(points, p.neighbours);
    }
    if (p.affinity->size() != samples * samples) {
        fail(ErrorCode::bad_shape, "spray: an affinity of shape {} does not fit {} inputs; ({}, 1, 1, {}) does",
             to_string(Shape(p.affinity->shape())), samples, samples, samples);
    }
    const auto given = elements(*p.affinity);
    Square affinity{samples, {given.begin(), given.end()}};
    for (std::size_t i = 0; i < samples; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (affinity(i, j) != affinity(j, i) || !(affinity(i, j) >= 0))
                fail(ErrorCode::bad_argument,
                     "spray: an affinity is symmetric and not below 0; {} and {} stand at ({}, {})", affinity(i, j),
                     affinity(j, i), i, j);
        }
    }
    return affinity;
}

Result run_spray(const Request& request, const SprayParams& p) {
    constexpr std::size_t most_samples = 3000;
    const std::size_t samples = request.input.shape()[0];
    if (samples > most_samples) {
        fail(ErrorCode::bad_argument, "spray compares all inputs with all: {} are too many, at most {} are right",
             samples, most_samples);
    }
    const Lens lens("spray", p.lens);
    const Tensor maps = lens.judged(request);
    const Clusters clusters = spectral_clusters(affinity_of(p, maps), p.clusters, p.most);
    Tensor shown = zeros(Shape(maps.shape()));
    std::vector<double> sizes(clusters.count, 0.0);
    for (const std::size_t cluster : clusters.of) sizes[cluster] += 1.0;
    std::vector<std::vector<double>> means(clusters.count, std::vector<double>(sample_size(maps), 0.0));
    Scalar cluster;
    for (std::size_t n = 0; n < samples; ++n) {
        const auto map = sample(maps, n);
        for (std::size_t i = 0; i < map.size(); ++i)
            means[clusters.of[n]][i] += static_cast<double>(map[i]) / sizes[clusters.of[n]];
        cluster.per_sample.push_back(static_cast<double>(clusters.of[n]));
    }
    for (std::size_t n = 0; n < samples; ++n) {
        std::ranges::transform(means[clusters.of[n]], sample(shown, n).begin(),
                               [](double v) { return static_cast<float>(v); });
    }
    Table eigenvalues{{"place", "eigenvalue"}, {}}, groups{{"cluster", "samples"}, {}};
    for (std::size_t k = 0; k < clusters.eigenvalues.size(); ++k)
        eigenvalues.rows.push_back({static_cast<double>(k), clusters.eigenvalues[k]});
    for (std::size_t k = 0; k < clusters.count; ++k) groups.rows.push_back({static_cast<double>(k), sizes[k]});
    Result result;
    result.value = settle_targets(request, request.explainer.plain()).values;
    result.add("cluster", std::move(cluster));
    result.add("cluster_map", Map{std::move(shown)});
    result.add("eigenvalues", std::move(eigenvalues));
    result.add("clusters", std::move(groups));
    return result;
}

}  // namespace

Method spray() {
    return define<SprayParams, run_spray>(
        {.id = "spray",
         .family = "data",
         .title = "Groups of explanations",
         .question = "Does the network answer this class in more than one way, and is one of them a cheat?",
         .formula = R"(L = I - D^{-1/2} A D^{-1/2},\quad A = \tfrac12(C+C^\top))",
         .reference = {"Lapuschkin, Wäldchen, Binder, Montavon, Samek, Müller",
                       "Unmasking Clever Hans predictors and assessing what machines really learn", 2019,
                       "Nature Communications"},
         .targets = any_target(),
         .outputs = {scalar_output("cluster", "place", "each input's group, from 0 (the largest) on"),
                     map_output(MapKind::signed_values, "the mean map of each input's group", "cluster_map"),
                     table_output("eigenvalues", "", "the smallest ones of the graph's Laplacian"),
                     table_output("clusters", "samples", "how large each group is")},
         .caveat = "Groups may differ in what was drawn (a 7 with and without a bar) as well as in how it is answered: "
                   "people must look at the mean maps. One input alone is one group.",
         .subject = SubjectKind::data,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
