// Warning headers of one response.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::policy {

// Collects warnings as the API server's recorder does (endpoints/filters/warning.go): each text once; texts that no
// header can carry are dropped; beyond 4,096 characters in all, each is cut to 256 and those after the limit are
// dropped.
class WarningRecorder {
 public:
  void add(std::string_view text);
  std::vector<std::string> take() { return std::move(written_); }

 private:
  void write(std::string_view text);

  std::vector<std::string> texts_, written_;
  size_t runes_ = 0;
  bool truncating_ = false;
};

}  // namespace plimsoll::policy
