// Random numbers and text from the host's generator.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/template/host.h"

namespace plimsoll::tmpl {

class Random {
 public:
  explicit Random(Host& host) : host_(host) {}

  // Uniform in [0, bound); bound must not be 0.
  uint64_t below(uint64_t bound);
  // Characters of the alphabet, each as likely as the others.
  std::string text(std::string_view alphabet, size_t count);

 private:
  uint64_t next();

  Host& host_;
  std::array<uint8_t, 64> buffer_{};
  size_t used_ = 64;
};

}  // namespace plimsoll::tmpl
