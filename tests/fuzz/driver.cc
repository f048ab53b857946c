// Runs a fuzz target without libFuzzer: every input as it is, then mutations of them.
//
//   fuzz_yaml [-runs=N] [-seconds=N] [-seed=N] FILE|FOLDER...
//
// Stops after N mutations or N seconds, whichever is first; the same seed makes the same mutations. An input that a sanitizer objects to,
// that crashes, or that takes longer than 20 seconds is written to crash-PROGRAM in the working directory.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kMaxInput = 64UL << 10;
constexpr unsigned kSecondsPerInput = 20;

// What a handler must reach when the program is about to die.
std::string* current_input = nullptr;
std::string* crash_file = nullptr;

void save_input() {
  const int fd = ::open(crash_file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, current_input->data(), current_input->size());
  ::close(fd);
}

void on_signal(int number) {
  save_input();
  constexpr std::string_view kTooSlow = "fuzz: an input takes too long\n";
  if (number == SIGALRM) [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kTooSlow.data(), kTooSlow.size());
  ::signal(number, SIG_DFL);
  ::raise(number == SIGALRM ? SIGABRT : number);
}

void run(std::string& input) {
  current_input = &input;
  ::alarm(kSecondsPerInput);
  // A copy of exact size, so that a read beyond the end is seen.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  ::alarm(0);
}

// Bits of the languages that are read here.
constexpr std::string_view kTokens[] = {
    "{", "}", "[", "]", "(", ")", ":", ": ", "- ", "? ", ",", "&a ", "*a", "!!str ", "<<: ", "|", "|+2", ">-", "'", "\"", "#", "%YAML 1.1",
    "---\n", "...\n", "\n", "\r\n", "\t", " ", "\\", "\\u0041", "\xEF\xBB\xBF", "\xC2\x85", "\xE2\x80\xA8", "\xFF", std::string_view("\0", 1),
    "{{", "}}", "{{-", "-}}", "{{ end }}", "{{ range .Values.b }}", "{{ include \"a\" . }}", "{{/*", "|", "$", "$x := ", ".", "..", "=", "==",
    "&&", "||", "!", "?", "@", "**", "*/", "/", "//", "[!a", "0", "-1", "9223372036854775808", "1e999", "0x", "1.5", "null", "true",
    "apiVersion", "kind", "metadata", "spec", "object", "has(", ".all(x, ", ".map(x, ", "optional", "expression: ", "matches('"};

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string mutate(const std::vector<std::string>& inputs) {
    std::string text = inputs[below(inputs.size())];
    const size_t steps = 1 + below(6);
    for (size_t i = 0; i < steps; ++i) step(text, inputs);
    if (text.size() > kMaxInput) text.resize(kMaxInput);
    return text;
  }

 private:
  size_t below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void step(std::string& text, const std::vector<std::string>& inputs) {
    const size_t at = below(text.size() + 1);
    const size_t length = 1 + below(below(4) == 0 ? 200 : 8);
    switch (below(8)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1: text.insert(at, 1, static_cast<char>(below(256))); break;
      case 2: text.erase(at, length); break;
      case 3: text.insert(at, text.substr(below(text.size() + 1), length)); break;
      case 4: text.insert(at, kTokens[below(std::size(kTokens))]); break;
      case 5: {
        const std::string& other = inputs[below(inputs.size())];
        text.replace(at, length, other.substr(below(other.size() + 1), 1 + below(200)));
        break;
      }
      case 6: text.resize(at); break;
      default: {
        const std::string_view token = kTokens[below(std::size(kTokens))];
        for (size_t n = below(40); n > 0 && text.size() < kMaxInput; --n) text.insert(at, token);
      }
    }
  }

  std::mt19937_64 random_;
};

void read_inputs(const std::filesystem::path& path, std::vector<std::string>& inputs) {
  if (std::filesystem::is_directory(path)) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) read_inputs(file, inputs);
    return;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "fuzz: cannot read %s\n", path.c_str());
    std::exit(2);
  }
  inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

int fuzz(int argc, char** argv) {
  uint64_t runs = UINT64_MAX;
  uint64_t seconds = UINT64_MAX;
  uint64_t seed = 1;
  std::vector<std::string> inputs = {""};
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto number = [&](std::string_view flag, uint64_t& to) {
      if (!argument.starts_with(flag)) return false;
      to = std::strtoull(argv[i] + flag.size(), nullptr, 10);
      return true;
    };
    if (number("-runs=", runs) || number("-seconds=", seconds) || number("-seed=", seed)) continue;
    read_inputs(argv[i], inputs);
  }
  std::string current;
  std::string crash = "crash-" + std::filesystem::path(argv[0]).filename().string();
  current_input = &current;
  crash_file = &crash;
  for (const int number : {SIGALRM, SIGABRT, SIGSEGV}) {
#if defined(__SANITIZE_ADDRESS__)
    if (number == SIGSEGV) continue;  // the sanitizer tells more of it
#endif
    ::signal(number, on_signal);
  }
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_set_death_callback(save_input);
#endif

  for (std::string& input : inputs) run(input);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::min<uint64_t>(seconds, 1U << 30));
  Mutator mutator(seed);
  uint64_t done = 0;
  for (; done < runs && std::chrono::steady_clock::now() < end; ++done) {
    current = mutator.mutate(inputs);
    run(current);
  }
  std::printf("%zu inputs and %llu mutations\n", inputs.size(), static_cast<unsigned long long>(done));
  return 0;
}

struct Call {
  int argc;
  char** argv;
  int status;
};

void* call_fuzz(void* argument) {
  auto* call = static_cast<Call*>(argument);
  call->status = fuzz(call->argc, call->argv);
  return nullptr;
}

}  // namespace

// On a stack as large as that of renders (RenderOptions::stack_bytes): trees may be 10,000 levels deep, as in Go, and sanitizers make frames
// several times as large.
int main(int argc, char** argv) {
  constexpr size_t kStackBytes = 256UL << 20;
  pthread_attr_t attributes;
  pthread_t thread;
  Call call = {argc, argv, 2};
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  if (pthread_create(&thread, &attributes, call_fuzz, &call) != 0) return 2;
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  return call.status;
}
