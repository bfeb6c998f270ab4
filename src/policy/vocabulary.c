#include "policy/vocabulary.h"

#include <stddef.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)) - 1)

const char *const facet_names[] = {"web",       "app",       "api",     "platform",
                                   "telemetry", "hosted",    "weights", "package",
                                   "account",   "lookalike", NULL};
_Static_assert(COUNT_OF(facet_names) == FACET_COUNT, "one name a facet");

const char *const force_names[] = {"must", "should", "may", "inform", NULL};
_Static_assert(COUNT_OF(force_names) == FORCE_COUNT, "one name a force");

/* The one list of verbs: name, what it means to a gate, what meets it. */
#define VERBS(X)                                                                               \
	X("identify", VERB_NOTHING, "audit of captures and logs, scan of machines")            \
	X("remove", VERB_NOTHING, "scan that finds it gone")                                   \
	X("prevent-use", VERB_USE, "gates in the path, managed devices, policy")               \
	X("prevent-install", VERB_INSTALL, "device management, gates in front of downloads")   \
	X("prevent-disclose", VERB_NOTHING, "instruction of staff")                            \
	X("prevent-procure", VERB_NOTHING, "procurement rules")                                \
	X("block-network", VERB_USE, "gates in the path")                                      \
	X("block-device", VERB_NOTHING, "device management")                                   \
	X("isolate", VERB_NOTHING, "separate network or stand-alone device")                   \
	X("register", VERB_NOTHING, "register of items and exemptions")                        \
	X("dispose", VERB_NOTHING, "record of destruction")                                    \
	X("harden", VERB_NOTHING, "configuration of the device")                               \
	X("incident", VERB_NOTHING, "incident procedure")                                      \
	X("audit", VERB_NOTHING, "internal or external audit")                                 \
	X("risk-assess", VERB_NOTHING, "risk analysis")                                        \
	X("control", VERB_NOTHING, "measures chosen by the organisation")                      \
	X("verify-no-egress", VERB_NOTHING, "egress test of a local installation")             \
	X("restrict", VERB_USE, "gates in the path, managed devices")                          \
	X("allowlist", VERB_INSTALL, "device management that installs approved software only") \
	X("approve", VERB_NOTHING, "approval before use")                                      \
	X("supervise", VERB_NOTHING, "supervising authority")                                  \
	X("advise", VERB_NOTHING, "advice to those concerned")                                 \
	X("inform", VERB_NOTHING, "notice to those concerned")                                 \
	X("report", VERB_NOTHING, "report to the authority")                                   \
	X("refer", VERB_NOTHING, "question put to the competent authority")                    \
	X("monitor", VERB_NOTHING, "watching notices and use")                                 \
	X("list", VERB_NOTHING, "list kept by the authority")                                  \
	X("policy-update", VERB_NOTHING, "policy text of the organisation")                    \
	X("contract", VERB_NOTHING, "contract clauses")                                        \
	X("plan", VERB_NOTHING, "plan of action")                                              \
	X("delete-account", VERB_NOTHING, "account deleted at the service")                    \
	X("deny-entry", VERB_NOTHING, "access control to places")                              \
	X("answer", VERB_NOTHING, "answer of the provider")                                    \
	X("provider-stop", VERB_NOTHING, "the provider's own act")                             \
	X("provider-fix", VERB_NOTHING, "the provider's own act")                              \
	X("vendor-stop", VERB_NOTHING, "the vendor's own act")                                 \
	X("delist", VERB_NOTHING, "the app store's own act")                                   \
	X("suspend-download", VERB_NOTHING, "the provider's or app store's own act")           \
	X("standards", VERB_NOTHING, "standards of the authority")

#define VERB_ROW(name, effect, met_by) {name, effect, met_by},
#define FIRST(name, ...)               name,
const struct verb verbs[] = {VERBS(VERB_ROW){NULL}};
const char *const verb_names[] = {VERBS(FIRST) NULL};

const char *const position_names[] = {"covered", "excluded", "conditional", "silent", NULL};
_Static_assert(COUNT_OF(position_names) == POSITION_COUNT, "one name a position");

const char *const role_names[] = {"dedicated", "shared", "supporting", NULL};
_Static_assert(COUNT_OF(role_names) == ROLE_COUNT, "one name a role");

const char *const confidence_names[] = {"high", "medium", "low", NULL};
_Static_assert(COUNT_OF(confidence_names) == CONFIDENCE_COUNT, "one name a confidence");

const char *const match_names[] = {"exact", "suffix",   "prefix", "contains",
                                   "regex", "template", NULL};
_Static_assert(COUNT_OF(match_names) == MATCH_COUNT, "one name a match rule");

const char *const presence_names[] = {"current", "historical", "unverified", NULL};
_Static_assert(COUNT_OF(presence_names) == PRESENCE_COUNT, "one name a presence");

const char *const order_status_names[] = {"in-force", "superseded", "ended", "proposed",
                                          "informal", "unknown",    NULL};
_Static_assert(COUNT_OF(order_status_names) == ORDER_STATUS_COUNT, "one name a status");

const char *const order_type_names[] = {"order",  "statute", "guidance",       "warning", "request",
                                        "notice", "bill",    "recommendation", NULL};

#define CLASSES(X)                                   \
	X("central-agency", false)                   \
	X("local-agency", false)                     \
	X("state-agency", false)                     \
	X("public-school", false)                    \
	X("public-university", false)                \
	X("state-enterprise", false)                 \
	X("administrative-corporation", false)       \
	X("public-body", false)                      \
	X("critical-infrastructure", false)          \
	X("foundation", false)                       \
	X("government-controlled-enterprise", false) \
	X("parliament", false)                       \
	X("military", false)                         \
	X("intelligence", false)                     \
	X("contractor", false)                       \
	X("essential-service", false)                \
	X("important-system", false)                 \
	X("provider", true)                          \
	X("app-store", true)                         \
	X("internet-provider", true)                 \
	X("vendor", true)                            \
	X("private", false)                          \
	X("public", false)

#define CLASS_ROW(name, third_party) {name, third_party},
const struct organisation_class organisation_classes[] = {CLASSES(CLASS_ROW){NULL}};
const char *const organisation_class_names[] = {CLASSES(FIRST) NULL};
_Static_assert(COUNT_OF(organisation_class_names) <= 64, "a set of classes is 64 bits");

uint64_t organisation_class_third_parties(void)
{
	uint64_t set = 0;
	for (unsigned i = 0; organisation_classes[i].name; i++)
		set |= (uint64_t)organisation_classes[i].third_party << i;
	return set;
}

const char *const device_class_names[] = {"issued", "personal", "contractor",
                                          "public", "any",      NULL};

const char *const network_class_names[] = {"official",  "public-venue", "guest",
                                           "sensitive", "any",          NULL};
_Static_assert(COUNT_OF(network_class_names) == NETWORK_CLASS_COUNT, "one name a network class");

const char *const block_form_names[] = {"nxdomain", "nodata", "null", "refused", "address", NULL};
_Static_assert(COUNT_OF(block_form_names) == BLOCK_COUNT, "one name a form of blocks");

const char *const day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
_Static_assert(COUNT_OF(day_names) == WEEK_DAYS, "one name a day");

const char *const kind_group_names[] = {"name",    "alias", "address", "url",     "model", "file",
                                        "package", "app",   "request", "machine", NULL};
_Static_assert(COUNT_OF(kind_group_names) == GROUP_COUNT, "one name a group");

#define KINDS(X)                                                                       \
	X("domain", GROUP_NAME, "host or domain name")                                 \
	X("cname", GROUP_ALIAS, "delivery name met as target of an alias")             \
	X("address", GROUP_ADDRESS, "IPv4 or IPv6 address or prefix")                  \
	X("url", GROUP_URL, "host and path")                                           \
	X("url-path", GROUP_REQUEST, "path of a request, on a host of the product")    \
	X("file-name", GROUP_REQUEST, "name of a file in a URL")                       \
	X("base-url", GROUP_URL, "base address that clients of an API are pointed at") \
	X("request-header", GROUP_REQUEST, "header of a request")                      \
	X("response-header", GROUP_REQUEST, "header of a response")                    \
	X("cookie", GROUP_REQUEST, "name of a cookie")                                 \
	X("user-agent", GROUP_REQUEST, "User-Agent of a request")                      \
	X("page-marker", GROUP_REQUEST, "text in a page")                              \
	X("json-value", GROUP_REQUEST, "value in a JSON body")                         \
	X("tenant", GROUP_REQUEST, "customer number at a telemetry provider")          \
	X("server-banner", GROUP_REQUEST, "how a server names itself")                 \
	X("model", GROUP_MODEL, "model id at an API")                                  \
	X("hosted-base", GROUP_URL, "API base of a provider that hosts the model")     \
	X("hf-model", GROUP_MODEL, "Hugging Face repository")                          \
	X("hf-org", GROUP_MODEL, "Hugging Face organisation")                          \
	X("modelscope-org", GROUP_MODEL, "ModelScope organisation")                    \
	X("ollama-model", GROUP_MODEL, "name in the Ollama library")                   \
	X("gguf-architecture", GROUP_FILE, "general.architecture of a GGUF file")      \
	X("gguf-tokenizer", GROUP_FILE, "tokenizer.ggml.pre of a GGUF file")           \
	X("gguf-projector", GROUP_FILE, "clip.projector_type of a GGUF file")          \
	X("config-architecture", GROUP_FILE, "architectures[] of a config.json")       \
	X("config-model-type", GROUP_FILE, "model_type of a config.json")              \
	X("chat-template", GROUP_FILE, "marker in a chat template")                    \
	X("npm", GROUP_PACKAGE, "npm package")                                         \
	X("pypi", GROUP_PACKAGE, "Python package")                                     \
	X("package-name", GROUP_PACKAGE, "package of any registry")                    \
	X("repository", GROUP_PACKAGE, "source repository")                            \
	X("android-package", GROUP_APP, "Android package name")                        \
	X("android-intent", GROUP_APP, "Android intent action")                        \
	X("ios-bundle", GROUP_APP, "iOS bundle id")                                    \
	X("app-store", GROUP_APP, "App Store number")                                  \
	X("application", GROUP_APP, "desktop application id")                          \
	X("firewall-app", GROUP_APP, "application name in a firewall's log")           \
	X("product-name", GROUP_APP, "product name in an installer")                   \
	X("uri-scheme", GROUP_APP, "URI scheme that an application registers")         \
	X("extension", GROUP_APP, "browser or editor extension id")                    \
	X("path", GROUP_MACHINE, "file or folder")                                     \
	X("process", GROUP_MACHINE, "process name")                                    \
	X("environment", GROUP_MACHINE, "environment variable")                        \
	X("signer", GROUP_MACHINE, "subject of a code signature")                      \
	X("socket", GROUP_MACHINE, "listening socket")                                 \
	X("browser-storage", GROUP_MACHINE, "key in a browser's storage")              \
	X("secret", GROUP_MACHINE, "form of a secret key")                             \
	X("doh", GROUP_URL, "DNS-over-HTTPS endpoint")                                 \
	X("list", GROUP_NAME, "names of a list that the organisation loads")

#define KIND_ROW(name, group, help) {name, group, help},
const struct identifier_kind identifier_kinds[] = {KINDS(KIND_ROW){NULL}};
const char *const identifier_kind_names[] = {KINDS(FIRST) NULL};

int identifier_kind_find(const char *name)
{
	for (int i = 0; identifier_kinds[i].name; i++) {
		if (strcmp(identifier_kinds[i].name, name) == 0)
			return i;
	}
	return -1;
}
