// "did you mean": the nearest of the words that exist.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace plimsoll {

// The candidate that `word` most likely means; empty if none is near. Letter case, '-' and '_' do not count.
std::string nearest(std::string_view word, std::span<const std::string> candidates);
// "; did you mean \"x\"?" or nothing.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace plimsoll
