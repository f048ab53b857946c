// Defaults of the core group that need more than a table: pods, containers, volumes, services.
#pragma once

#include "engine/schema/kubernetes_defaults.h"

namespace plimsoll::schema {

void container_defaults(Defaults& container);
void pod_defaults(Defaults& pod);
void pod_spec_defaults(Defaults& spec);
void volume_defaults(Defaults& volume);
void service_defaults(Defaults& service);
void replication_controller_defaults(Defaults& controller);
void namespace_defaults(Defaults& space);
void node_status_defaults(Defaults& status);
void limit_range_item_defaults(Defaults& item);

// What imagePullPolicy is for an image that does not say: "Always" or "IfNotPresent".
std::string_view default_pull_policy(std::string_view image);

}  // namespace plimsoll::schema
