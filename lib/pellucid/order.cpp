#include "pellucid/order.hpp"

#include <algorithm>
#include <numeric>

namespace pellucid {

void sort_places(std::span<std::size_t> places, ComesBefore before) {
    std::stable_sort(places.begin(), places.end(), before);
}

std::vector<std::size_t> sorted_places(std::size_t count, ComesBefore before) {
    std::vector<std::size_t> places(count);
    std::iota(places.begin(), places.end(), std::size_t{0});
    sort_places(places, before);
    return places;
}

}  // namespace pellucid
