#include "engine/template/functions/random.h"

#include <cstring>

namespace plimsoll::tmpl {

uint64_t Random::next() {
  uint64_t number = 0;
  if (used_ + sizeof(number) > buffer_.size()) {
    host_.random_bytes(buffer_);
    used_ = 0;
  }
  std::memcpy(&number, buffer_.data() + used_, sizeof(number));
  used_ += sizeof(number);
  return number;
}

uint64_t Random::below(uint64_t bound) {
  // Numbers below the remainder of 2^64 by `bound` would make small results likelier.
  const uint64_t unfair = -bound % bound;
  uint64_t number = next();
  while (number < unfair) number = next();
  return number % bound;
}

std::string Random::text(std::string_view alphabet, size_t count) {
  std::string out(count, '\0');
  for (char& c : out) c = alphabet[below(alphabet.size())];
  return out;
}

}  // namespace plimsoll::tmpl
