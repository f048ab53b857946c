// Notices that files changed, by asking for their state now and then: Secrets and ConfigMaps come as links to links
// that are switched, which notifications of the kernel do not tell reliably.
//
//   FileWatch watch({"/etc/plimsoll/policies", "/etc/plimsoll/webhook.yaml"});
//   while (...) { sleep(1s); if (watch.changed()) reload(); }
#pragma once

#include <string>
#include <vector>

namespace plimsoll::webhook {

class FileWatch {
 public:
  // Files, or folders with all that is below. What does not exist may come.
  explicit FileWatch(std::vector<std::string> paths);

  // True once after each change, when two calls in a row have seen the same: whoever is still writing is left to
  // finish.
  bool changed();

 private:
  std::string state() const;

  std::vector<std::string> paths_;
  std::string known_, last_;
};

}  // namespace plimsoll::webhook
