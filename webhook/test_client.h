// A blocking client for tests of the server: sends any bytes, reads answers.
//
//   TestClient client(port, TestClient::Tls::kOn);
//   client.send(post("/validate", body));
//   TestAnswer answer = client.read();     // answer.status, answer.body
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace plimsoll::webhook {

struct TestAnswer {
  int status = 0;  // 0: the connection ended, or nothing came in time
  std::string headers, body;
};

class TestClient {
 public:
  enum class Tls { kOff, kOn };

  // `connected()` tells whether that went well, the TLS handshake included. With `authority` (PEM), the server's
  // certificate must be signed by it and be for localhost. `protocols`: offered by ALPN, in its wire form.
  TestClient(unsigned port, Tls tls, const std::string& authority = {}, std::string_view protocols = {});
  ~TestClient();

  bool connected() const;
  bool send(std::string_view data);
  // One answer; waits at most `seconds`.
  TestAnswer read(int seconds = 5);
  // Whatever comes next; empty: the end, or nothing came in time.
  std::string receive(int seconds = 5);
  // Whether the server has ended the connection, within the time.
  bool ended(int seconds = 5);
  // "TLSv1.3"; protocol chosen by ALPN.
  std::string version() const;
  std::string protocol() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string post(std::string_view target, std::string_view body,
                 std::string_view headers = "Content-Type: application/json\r\n");
std::string get(std::string_view target);

}  // namespace plimsoll::webhook
