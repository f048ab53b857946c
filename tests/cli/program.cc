#include "tests/cli/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "engine/value/json.h"

namespace plimsoll::cli_test {

namespace fs = std::filesystem;

const char kBadPod[] =
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata:\n"
    "  name: web\n"
    "spec:\n"
    "  hostNetwork: true\n"
    "  containers:\n"
    "  - name: app\n"
    "    image: shop/web:1\n";

const char kGoodPod[] =
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata:\n"
    "  name: web\n"
    "spec:\n"
    "  containers:\n"
    "  - name: app\n"
    "    image: shop/web:1\n";

const char kTeamPolicy[] =
    "apiVersion: admissionregistration.k8s.io/v1\n"
    "kind: ValidatingAdmissionPolicy\n"
    "metadata:\n"
    "  name: team-label\n"
    "  annotations:\n"
    "    plimsoll.dev/title: Every pod belongs to a team\n"
    "    plimsoll.dev/severity: warning\n"
    "    plimsoll.dev/remediation: Add the label team.\n"
    "spec:\n"
    "  matchConstraints:\n"
    "    resourceRules:\n"
    "    - apiGroups: ['']\n"
    "      apiVersions: [v1]\n"
    "      operations: [CREATE]\n"
    "      resources: [pods]\n"
    "  validations:\n"
    "  - expression: object.metadata.?labels.?team.hasValue()\n"
    "    message: the pod has no label team\n";

Folder::Folder() {
  path_ = fs::canonical(temporary_.path());
  fs::permissions(path_, fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  // Configuration is looked for upwards to here and no further.
  fs::create_directory(path_ / ".git");
}

fs::path Folder::path(const std::string& name) const { return name.empty() ? path_ : path_ / name; }

void Folder::write(const std::string& name, std::string_view text) const {
  temporary_.write(name, text);
}

std::string Folder::read(const std::string& name) const { return read_text(path(name)); }

Outcome Folder::run(std::vector<std::string> arguments, const RunOptions& options) const {
  return run_in(path_, std::move(arguments), options);
}

Outcome Folder::run_in(const fs::path& folder, std::vector<std::string> arguments, const RunOptions& options) {
  Outcome outcome;
  int in[2], out[2], err[2];
  if (::pipe(in) != 0 || ::pipe(out) != 0 || ::pipe(err) != 0) {
    ADD_FAILURE() << "no pipes";
    return outcome;
  }
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (const int fd : {in[0], in[1], out[0], out[1], err[0], err[1]}) ::close(fd);
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    if (options.as_nobody && ::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(126);
    ::unsetenv("NO_COLOR");
    ::unsetenv("CLICOLOR_FORCE");
    for (const std::string& variable : options.environment) ::putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> argv = {const_cast<char*>("plimsoll")};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(PLIMSOLL_PROGRAM, argv.data());
    ::_exit(127);
  }
  for (const int fd : {in[0], out[1], err[1]}) ::close(fd);
  // Feed and drain at once, for neither side may wait for the other.
  ::signal(SIGPIPE, SIG_IGN);
  size_t written = 0;
  if (options.input.empty()) {
    ::close(in[1]);
    in[1] = -1;
  }
  pollfd fds[] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}, {in[1], POLLOUT, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    ::poll(fds, 3, -1);
    for (int i = 0; i < 2; ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      char buffer[1 << 16];
      const ssize_t count = ::read(fds[i].fd, buffer, sizeof buffer);
      if (count > 0) {
        (i == 0 ? outcome.out : outcome.err).append(buffer, static_cast<size_t>(count));
      } else {
        ::close(fds[i].fd);
        fds[i].fd = -1;
      }
    }
    if (fds[2].fd >= 0 && fds[2].revents != 0) {
      const ssize_t count = ::write(fds[2].fd, options.input.data() + written, std::min<size_t>(options.input.size() - written, 4096));
      if (count > 0) written += static_cast<size_t>(count);
      if (count <= 0 || written == options.input.size()) {
        ::close(fds[2].fd);
        fds[2].fd = -1;
      }
    }
  }
  if (fds[2].fd >= 0) ::close(fds[2].fd);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  outcome.peak_kib = usage.ru_maxrss;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Value parse_json(Arena& arena, const std::string& text) {
  auto value = json::read(arena, text);
  if (!value) {
    ADD_FAILURE() << value.error().to_string() << "\n" << text.substr(0, 1000);
    return Value::null();
  }
  return *value;
}

fs::path source_path(const std::string& name) { return fs::path(PLIMSOLL_SOURCE_DIR) / name; }

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace plimsoll::cli_test
