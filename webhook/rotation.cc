#include "webhook/rotation.h"

#include <algorithm>
#include <ctime>

namespace plimsoll::webhook {
namespace {

constexpr double kRenewalShare = 2.0 / 3;
constexpr std::string_view kAuthorityName = "plimsoll";

bool contains(const std::vector<std::string>& list, const std::string& item) { return std::ranges::find(list, item) != list.end(); }

bool is_used(const CertificateInfo& info, Time now, double share) {
  const std::chrono::duration<double> whole = info.not_after - info.not_before, over = now - info.not_before;
  return over >= whole * share;
}

// Two thirds are over, or it would last longer than it may.
bool is_due(const CertificateInfo& info, Time now, std::chrono::seconds lifetime) {
  return is_used(info, now, kRenewalShare) || info.not_after > now + lifetime + clock_allowance(lifetime);
}

Time read_time(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return end == nullptr ? Time() : std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::vector<std::string> canonical(std::vector<std::string> names) {
  for (std::string& name : names) name = canonical_name(name);
  return names;
}

class Advance {
 public:
  Advance(CertificateSet& set, const RotationOptions& options, Time now) : set_(set), options_(options), now_(now) {}

  Result<std::vector<std::string_view>> run(bool next_is_trusted) {
    retire();
    const bool announced = !set_.next.certificates.empty();
    if (announced && !can_sign(set_.next)) {
      set_.next = {};
      changes_.push_back("announced authority dropped: it cannot sign");
    }
    const auto authority = inspect_certificate(set_.authority.certificates);
    if (!authority) {
      // Nothing that could be overlapped with.
      PLIMSOLL_ASSIGN_OR_RETURN(set_.authority, make_authority(kAuthorityName, options_.authority_lifetime, now_));
      changes_.push_back("authority made");
    }
    const bool due = authority && is_due(*authority, now_, options_.authority_lifetime);
    const bool signs = can_sign(set_.authority);
    if (set_.next.certificates.empty() && (due || !signs)) {
      PLIMSOLL_ASSIGN_OR_RETURN(set_.next, make_authority(kAuthorityName, options_.authority_lifetime, now_));
      changes_.push_back("next authority announced");
    }
    if (!set_.next.certificates.empty() && (next_is_trusted || (!signs && !is_served()))) put_in_charge();
    PLIMSOLL_RETURN_IF_ERROR(renew_leaf());
    return std::move(changes_);
  }

  Result<void> renew_leaf() {
    const auto leaf = inspect_certificate(set_.leaf.certificates);
    const bool good = leaf && is_served() && is_signed_by(set_.leaf.certificates, set_.authority.certificates);
    std::vector<std::string> names = canonical(options_.names);
    const bool due = !good || (is_due(*leaf, now_, options_.leaf_lifetime) && gains(*leaf));
    if (!due) {
      const bool complete = std::ranges::all_of(names, [&](const std::string& name) { return contains(leaf->names, name); });
      if (complete) return {};
      // Replicas that serve other names, while a new version is rolled out, need not undo each other's work.
      for (const std::string& name : leaf->names) {
        if (!contains(names, name)) names.push_back(name);
      }
    }
    if (!can_sign(set_.authority)) return {};  // until the next one may
    changes_.push_back(leaf ? "certificate renewed" : "certificate made");
    PLIMSOLL_ASSIGN_OR_RETURN(set_.leaf, make_leaf(set_.authority, names, options_.leaf_lifetime, now_));
    return {};
  }

 private:
  bool can_sign(const KeyPair& pair) const {
    const auto info = inspect_certificate(pair.certificates);
    return info && now_ < info->not_after && check_pair(pair);
  }

  // Whether the leaf can be served to those who trust the bundle.
  bool is_served() const {
    const auto info = inspect_certificate(set_.leaf.certificates);
    if (!info || info->not_after <= now_ || !check_pair(set_.leaf)) return false;
    return is_signed_by(set_.leaf.certificates, set_.authority.certificates) ||
           std::ranges::any_of(set_.previous, [&](const std::string& pem) { return is_signed_by(set_.leaf.certificates, pem); });
  }

  void put_in_charge() {
    // A replica that has not seen this yet, and one whose clock is late, may serve what the former one signed until it ends.
    const auto leaf = inspect_certificate(set_.leaf.certificates);
    const auto former = inspect_certificate(set_.authority.certificates);
    const Time end = leaf ? leaf->not_after : former ? former->not_after : now_;
    set_.previous_until = std::max(set_.previous_until, end + clock_allowance(options_.leaf_lifetime));
    if (former) set_.previous.push_back(split_certificates(set_.authority.certificates).front());
    set_.authority = std::move(set_.next);
    set_.next = {};
    changes_.push_back("next authority put in charge");
  }

  void retire() {
    const bool over = set_.previous_until != Time() && set_.previous_until <= now_;
    const size_t retired = std::erase_if(set_.previous, [&](const std::string& pem) { return over || webhook::is_used(pem, now_, 1); });
    if (retired > 0) changes_.push_back("former authority retired");
    if (set_.previous.empty()) set_.previous_until = {};
  }

  // A leaf ends with its authority: renewing it then changes nothing.
  bool gains(const CertificateInfo& leaf) const {
    const auto authority = inspect_certificate(set_.authority.certificates);
    const Time end = std::min(authority->not_after, now_ + options_.leaf_lifetime);
    return end > leaf.not_after || leaf.not_after > now_ + options_.leaf_lifetime;
  }

  CertificateSet& set_;
  const RotationOptions& options_;
  const Time now_;
  std::vector<std::string_view> changes_;
};

}  // namespace

std::string CertificateSet::bundle() const {
  std::string text = authority.certificates + next.certificates;
  for (const std::string& pem : previous) text += pem;
  return text;
}

CertificateSet read_set(const CertificateFields& fields) {
  const auto field = [&](std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  CertificateSet set;
  set.leaf = {field("tls.crt"), field("tls.key")};
  if (std::vector<std::string> bundle = split_certificates(field("ca.crt")); !bundle.empty()) {
    set.authority = {bundle.front(), field("ca.key")};
    set.previous.assign(bundle.begin() + 1, bundle.end());
  }
  if (const std::vector<std::string> next = split_certificates(field("next-ca.crt")); !next.empty()) {
    set.next = {next.front(), field("next-ca.key")};
    std::erase(set.previous, next.front());
  }
  set.previous_until = read_time(field("previous-ca-until"));
  return set;
}

CertificateFields write_set(const CertificateSet& set) {
  CertificateFields fields = {{"tls.crt", set.leaf.certificates},
                              {"tls.key", set.leaf.key},
                              {"ca.crt", set.bundle()},
                              {"ca.key", set.authority.key}};
  if (!set.next.certificates.empty()) {
    fields["next-ca.crt"] = set.next.certificates;
    fields["next-ca.key"] = set.next.key;
  }
  if (set.previous_until != Time()) fields["previous-ca-until"] = time_text(set.previous_until);
  return fields;
}

Result<std::vector<std::string_view>> advance(CertificateSet& set, const RotationOptions& options, Time now, bool next_is_trusted) {
  return Advance(set, options, now).run(next_is_trusted);
}

Result<void> renew_leaf(CertificateSet& set, const RotationOptions& options, Time now) { return Advance(set, options, now).renew_leaf(); }

bool is_used(std::string_view pem, Time now, double share) {
  const auto info = inspect_certificate(pem);
  return !info || is_used(*info, now, share);
}

}  // namespace plimsoll::webhook
