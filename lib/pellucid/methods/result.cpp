#include "pellucid/methods/result.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid {

void Result::add(const char* name, Map&& map) { add(std::string_view(name), std::move(map)); }
void Result::add(const char* name, Series&& series) { add(std::string_view(name), std::move(series)); }
void Result::add(const char* name, Frames&& frames) { add(std::string_view(name), std::move(frames)); }
void Result::add(const char* name, Scalar&& scalar) { add(std::string_view(name), std::move(scalar)); }
void Result::add(const char* name, Table&& table) { add(std::string_view(name), std::move(table)); }
void Result::add(const char* name, Scores&& scores) { add(std::string_view(name), std::move(scores)); }
void Result::add(std::string_view name, Item item) { items.emplace_back(name, std::move(item)); }

const Tensor& Result::map() const {
    const Map* first = items.empty() ? nullptr : std::get_if<Map>(&items.front().second);
    if (first == nullptr) fail(ErrorCode::internal, "the result is no picture");
    return first->data;
}

const Tensor& Result::map(std::string_view name) const {
    const Map* found = find<Map>(name);
    if (found == nullptr) fail(ErrorCode::internal, "the result has no map '{}'", name);
    return found->data;
}

const std::vector<double>& Result::scalar(std::string_view name) const {
    const Scalar* found = find<Scalar>(name);
    if (found == nullptr) fail(ErrorCode::internal, "the result has no number '{}'", name);
    return found->per_sample;
}

namespace {

/// One batch from several, each given as a pointer to it in a portion.
Tensor joined_batches(const std::vector<const Tensor*>& batches) {
    std::size_t count = 0;
    for (const Tensor* batch : batches) count += batch->shape()[0];
    Tensor all(with_batch(batches.front()->shape(), count));
    float* to = all.data();
    for (const Tensor* batch : batches) to = std::copy_n(batch->data(), batch->size(), to);
    return all;
}

template <typename Kind, typename Of>
Tensor joined_batches(const std::vector<const Kind*>& items, Of of) {
    std::vector<const Tensor*> batches;
    for (const Kind* item : items) batches.push_back(&of(*item));
    return joined_batches(batches);
}

Map joined_items(const std::vector<const Map*>& items) {
    return {joined_batches(items, [](const Map& map) -> const Tensor& { return map.data; })};
}
Series joined_items(const std::vector<const Series*>& items) {
    return {items.front()->at, joined_batches(items, [](const Series& s) -> const Tensor& { return s.values; })};
}
Frames joined_items(const std::vector<const Frames*>& items) {
    Frames all{{}, items.front()->steps, items.front()->layer};
    for (std::size_t i = 0; i < all.steps.size(); ++i) {
        all.images.push_back(joined_batches(items, [i](const Frames& f) -> const Tensor& { return f.images[i]; }));
    }
    return all;
}
Scalar joined_items(const std::vector<const Scalar*>& items) {
    Scalar all;
    for (const Scalar* item : items) {
        all.per_sample.insert(all.per_sample.end(), item->per_sample.begin(), item->per_sample.end());
    }
    return all;
}
Table joined_items(const std::vector<const Table*>& items) { return *items.front(); }
Scores joined_items(const std::vector<const Scores*>& items) {
    return {items.front()->groups, joined_batches(items, [](const Scores& s) -> const Tensor& { return s.values; }),
            items.front()->layer};
}

}  // namespace

Result joined(std::vector<Result> portions) {
    if (portions.size() == 1) return std::move(portions.front());
    Result all;
    for (const Result& portion : portions)
        all.value.insert(all.value.end(), portion.value.begin(), portion.value.end());
    for (const auto& named : portions.front().items) {
        const std::string_view name = named.first;
        const auto join_kind = [&]<typename Kind>(const Kind&) -> Item {
            std::vector<const Kind*> items;
            for (const Result& portion : portions) {
                const Kind* item = portion.find<Kind>(name);
                if (item == nullptr) fail(ErrorCode::internal, "a portion of the result lacks '{}'", name);
                items.push_back(item);
            }
            return joined_items(items);
        };
        all.add(name, std::visit(join_kind, named.second));
    }
    for (const Result& portion : portions) {
        all.ledger.resize(std::max(all.ledger.size(), portion.ledger.size()));
        for (std::size_t i = 0; i < portion.ledger.size(); ++i) {
            LedgerRow& row = all.ledger[i];
            row.layer = portion.ledger[i].layer;
            row.entering += portion.ledger[i].entering;
            row.leaving += portion.ledger[i].leaving;
            row.bias += portion.ledger[i].bias;
            row.stabiliser += portion.ledger[i].stabiliser;
        }
    }
    return all;
}

}  // namespace pellucid
