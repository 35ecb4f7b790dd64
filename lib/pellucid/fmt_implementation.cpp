/// fmt's own code, compiled here once. In header-only mode every file that can throw an Error would carry it again,
/// which made up four fifths of the library's build time; the set-up brings headers alone, so there is no library to
/// link. The instantiations are those that fmt/format.h declares extern. (WebAssembly: text_wasm.cpp.)
#if !defined(FMT_HEADER_ONLY) && !defined(__EMSCRIPTEN__)

#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {
template FMT_API auto dragonbox::to_decimal(float x) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double x) noexcept -> dragonbox::decimal_fp<double>;
template FMT_API auto locale_ref::get<std::locale>() const -> std::locale;
template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;
template FMT_API void buffer<char>::append(const char*, const char*);
template FMT_API void vformat_to(buffer<char>&, string_view, typename vformat_args<>::type, locale_ref);
}  // namespace detail
FMT_END_NAMESPACE

#endif
