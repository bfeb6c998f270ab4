#include "cmd/audit.h"
#include "cmd/authority.h"
#include "cmd/check.h"
#include "cmd/command.h"
#include "cmd/compile.h"
#include "cmd/dns.h"
#include "cmd/events.h"
#include "cmd/findings.h"
#include "cmd/help.h"
#include "cmd/init.h"
#include "cmd/lists.h"
#include "cmd/log.h"
#include "cmd/orders.h"
#include "cmd/packet.h"
#include "cmd/products.h"
#include "cmd/run.h"
#include "cmd/scan.h"
#include "cmd/status.h"
#include "cmd/subjects.h"
#include "cmd/why.h"

/* Commands of one first word stand together: help and completion rely on it. */
const struct command commands[] = {
	{"init", "[FOLDER]", "write a commented writ.yaml and organisation.yaml", init_text,
         init_options, 0, 1, cmd_init},
	{"run", "", "start the daemon: gates, evidence, control socket", run_text, run_options, 0,
         0, cmd_run},
	{"status", "", "show roles, policy, orders in force, counters and evidence", NULL,
         status_options, 0, 0, cmd_status},
	{"metrics", "", "print all counters in the text format of Prometheus", metrics_text,
         metrics_options, 0, 0, cmd_metrics},
	{"reload", "", "compile the policy again and put it in force", reload_text, reload_options,
         0, 0, cmd_reload},
	{"stop", "", "stop the daemon cleanly", NULL, stop_options, 0, 0, cmd_stop},
	{"check", "TARGET...", "say what the policy decides about a target, and why", check_text,
         check_options, 1, -1, cmd_check},
	{"audit", "SOURCE...", "find existing use in captures and logs", audit_text, audit_options,
         0, -1, cmd_audit},
	{"findings list", "", "list what audits and scans found, and where each finding stands",
         findings_list_text, findings_list_options, 0, 0, cmd_findings_list},
	{"findings show", "FINDING", "show a finding with every entry on it", findings_show_text,
         findings_show_options, 1, 1, cmd_findings_show},
	{"findings assign", "FINDING PERSON", "say who takes care of a finding",
         findings_assign_text, findings_assign_options, 2, 2, cmd_findings_assign},
	{"findings accept", "FINDING", "accept a finding under an exemption", findings_accept_text,
         findings_accept_options, 1, 1, cmd_findings_accept},
	{"findings remove", "FINDING", "say that what was found was removed", findings_remove_text,
         findings_remove_options, 1, 1, cmd_findings_remove},
	{"findings close", "FINDING", "close a finding by a later run that did not find it",
         findings_close_text, findings_close_options, 1, 1, cmd_findings_close},
	{"compile", "", "compile catalogue and organisation into a policy image", compile_text,
         compile_options, 0, 0, cmd_compile},
	{"scan", "[ROOT]", "find what a machine, image or container has of products", scan_manual,
         scan_options, 0, 1, cmd_scan},
	{"products list", "", "list the products of the catalogue", NULL, products_list_options, 0,
         0, cmd_products_list},
	{"products show", "PRODUCT", "show every identifier of a product with its source", NULL,
         products_show_options, 1, 1, cmd_products_show},
	{"products check", "", "check the files of the products", NULL, products_check_options, 0,
         0, cmd_products_check},
	{"orders list", "", "list the orders of the catalogue", NULL, orders_list_options, 0, 0,
         cmd_orders_list},
	{"orders show", "ORDER", "show every obligation of an order with its clause and source",
         NULL, orders_show_options, 1, 1, cmd_orders_show},
	{"orders check", "", "check the files of the orders", NULL, orders_check_options, 0, 0,
         cmd_orders_check},
	{"lists status", "",
         "show where each list is from, how many names it has, how current it is",
         lists_status_text, lists_status_options, 0, 0, cmd_lists_status},
	{"lists refresh", "[LIST]", "ask for newer lists now", lists_refresh_text,
         lists_refresh_options, 0, 1, cmd_lists_refresh},
	{"lists accept", "LIST", "put a list in force that was held back", lists_accept_text,
         lists_accept_options, 1, 1, cmd_lists_accept},
	{"events", "", "list what was blocked and observed", events_text, events_options, 0, 0,
         cmd_events},
	{"why", "EVENT", "show the chain from the clause to the entry and back", why_text,
         why_options, 1, 1, cmd_why},
	{"dns cache", "[NAME]", "show what the gate keeps", dns_cache_text, dns_cache_options, 0, 1,
         cmd_dns_cache},
	{"dns flush", "[NAME [TYPE]]", "make the gate forget kept answers", dns_flush_text,
         dns_flush_options, 0, 2, cmd_dns_flush},
	{"dns query", "NAME [TYPE]", "show every step by which the gate decides a query",
         dns_query_text, dns_query_options, 1, 2, cmd_dns_query},
	{"dns top", "[clients|names|blocked|types|misses|upstreams]",
         "count for a while who asks and what is asked most", dns_top_text, dns_top_options, 0, 1,
         cmd_dns_top},
	{"packet status", "", "show what the packet gate has decided, met and waited for",
         packet_status_text, packet_status_options, 0, 0, cmd_packet_status},
	{"packet flows", "", "show the flows that are under judgement", packet_flows_text,
         packet_flows_options, 0, 0, cmd_packet_flows},
	{"packet rules", "", "show the rules by which packets come to the gate", packet_rules_text,
         packet_rules_options, 0, 0, cmd_packet_rules},
	{"log checkpoint", "", "put all entries under a signed checkpoint and print it", NULL,
         log_checkpoint_options, 0, 0, cmd_log_checkpoint},
	{"log prove", "ENTRY", "print a proof that an entry is in the log", log_prove_text,
         log_prove_options, 1, 1, cmd_log_prove},
	{"log verify", "", "check the whole evidence log", NULL, log_verify_options, 0, 0,
         cmd_log_verify},
	{"subjects list", "",
         "list the months whose pseudonyms can be linked to people, or not any more",
         subjects_list_text, subjects_list_options, 0, 0, cmd_subjects_list},
	{"subjects erase", "MONTH", "erase the key of a month's pseudonyms for ever",
         subjects_erase_text, subjects_erase_options, 1, 1, cmd_subjects_erase},
	{"authority show", "", "show the certificate of the organisation's own authority",
         authority_show_text, authority_show_options, 0, 0, cmd_authority_show},
	{"help", "[COMMAND...]", "say what a command does", NULL, help_options, 0, 2, cmd_help},
	{0},
};
