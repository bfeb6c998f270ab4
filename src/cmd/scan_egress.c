#include "cmd/scan_egress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "cmd/evidence_submit.h"
#include "cmd/output.h"
#include "cmd/scan_events.h"
#include "daemon/exit_status.h"
#include "daemon/tool.h"
#include "scan/egress_space.h"

static const char method[] = "writ scan --egress " WRIT_VERSION;
enum { UNIT_SIZE = 256 };

/* Names of containers are known to the program that runs them only. */
static int find_by_runtime(const char *name, struct egress_target *t)
{
	static const char *const runtimes[] = {"docker", "podman"};
	char said[TOOL_COMPLAINT_SIZE];
	int code = ERR_MISSING;
	for (size_t i = 0; i < 2 && code < 0 && name[0] != '-'; i++) {
		const char *arguments[] = {runtimes[i], "container", "inspect", "--format",
		                           "{{.Id}}",   name,        NULL};
		if (tool_run(arguments, (struct view){0}, said) == OK)
			code = egress_target_find(said, t);
	}
	return code;
}

/* The last part of a control group that is a unit; false for none. */
static bool unit_of(const char *group, char ret[static UNIT_SIZE])
{
	bool has_one = false;
	while (*group) {
		size_t size = strcspn(group, "/");
		struct view part = view_of(group, size);
		bool is_unit = size > 8 && size < UNIT_SIZE &&
		               view_is(view_of(part.bytes + size - 8, 8), ".service");
		if (is_unit) {
			memcpy(ret, group, size);
			ret[size] = '\0';
			has_one = true;
		}
		group += size + (group[size] == '/');
	}
	return has_one;
}

/* As it is now, where systemd runs it. */
static void ask_unit(const struct egress_target *t, struct egress_unit *ret)
{
	char unit[UNIT_SIZE], said[TOOL_COMPLAINT_SIZE];
	const char *arguments[] = {"systemctl", "show", "--property=" EGRESS_UNIT_PROPERTIES,
	                           "--",        unit,   NULL};
	*ret = (struct egress_unit){0};
	if (unit_of(t->group, unit) && tool_run(arguments, (struct view){0}, said) == OK)
		egress_unit_read(said, ret);
}

static void write_events(struct json_writer *j, const struct egress_events *e)
{
	if (!e->is_asked) {
		json_no_value(j, "events");
		return;
	}
	json_object_begin(j, "events");
	json_int(j, "answered", (int64_t)e->answered);
	json_int(j, "passed", (int64_t)e->passed);
	json_int(j, "recorded_s", (int64_t)e->recorded_s);
	json_int(j, "refused", (int64_t)e->refused);
	json_time(j, "since", e->since_us);
	json_object_end(j);
}

static void write_result(struct json_writer *j, const struct egress_result *r)
{
	json_array_begin(j, "reasons");
	for (size_t i = 0; i < r->reason_count; i++)
		json_text(j, NULL, r->reasons[i]);
	json_array_end(j);
}

static int print(const struct args *a, const char *target, const struct egress_target *t,
                 const struct egress_result *r)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	if (!args_has(a, "--json")) {
		printf("%s: %s\n", target, egress_verdict_names[r->verdict]);
		for (size_t i = 0; i < r->reason_count; i++)
			printf("  - %s\n", r->reasons[i]);
		return EXIT_STATUS_OK;
	}
	json_object_begin(&j, NULL);
	json_text(&j, "target", target);
	json_text(&j, "verdict", egress_verdict_names[r->verdict]);
	json_time(&j, "at", clock_now_us());
	json_int(&j, "processes", (int64_t)t->count);
	write_events(&j, &r->events);
	write_result(&j, r);
	json_object_end(&j);
	return output_json(&out);
}

static void write_entry(struct buffer *out, const char *actor, const char *target,
                        const struct egress_result *r)
{
	char run[EVIDENCE_ID_SIZE];
	struct json_writer j = {.out = out, .canonical = true};
	evidence_make_id(run);
	buffer_add_text(out, "audit ");
	json_object_begin(&j, NULL);
	json_text(&j, "actor", actor);
	json_object_begin(&j, "egress");
	write_events(&j, &r->events);
	write_result(&j, r);
	json_text(&j, "target", target);
	json_text(&j, "verdict", egress_verdict_names[r->verdict]);
	json_object_end(&j);
	json_bool(&j, "is_nil", r->verdict == EGRESS_CONFINED);
	json_text(&j, "method", method);
	json_text(&j, "run", run);
	json_object_end(&j);
	buffer_add_text(out, "\n");
}

static int record(const struct args *a, const char *target, const struct egress_result *r)
{
	struct evidence e;
	struct buffer lines = {0};
	int status = evidence_open(a, &e);
	if (status)
		return status;
	write_entry(&lines, evidence_actor(&e.arena), target, r);
	status = lines.failed ? EXIT_STATUS_INTERNAL : evidence_submit(&e, buffer_view(&lines));
	buffer_done(&lines);
	evidence_close(&e);
	return status;
}

static int find(const char *name, struct egress_target *t)
{
	int code = egress_target_find(name, t);
	return code < 0 ? find_by_runtime(name, t) : code;
}

static int fail(const char *name, int code)
{
	fprintf(stderr, "writ scan: %s: %s\n", name,
	        code == ERR_MISSING ? "no process, unit or container of that name runs"
	                            : err_text(code));
	return code == ERR_MISSING ? EXIT_STATUS_USAGE : (int)exit_status_of(code);
}

static int judge(const struct args *a, const struct policy *policy, struct scan_events *events)
{
	static const int statuses[] = {EXIT_STATUS_OK, EXIT_STATUS_INCOMPLETE, EXIT_STATUS_VERDICT};
	static struct egress_target t;
	const char *name = args_value(a, "--egress");
	struct egress_result r = {0};
	struct egress_asked asked = {.policy = policy,
	                             .events = events->is_open ? scan_events_of : NULL,
	                             .context = events};
	int code = find(name, &t);
	if (code == OK) {
		ask_unit(&t, &asked.unit);
		code = egress_look(&asked, &t, &r);
	}
	/* the log is not read while it is written to */
	scan_events_close(events);
	if (code < 0)
		return fail(name, code);
	if (events->code < 0)
		return evidence_fail("ask the evidence log what gates met", events->code);
	int status = print(a, name, &t, &r);
	if (status == EXIT_STATUS_OK && args_has(a, "--record"))
		status = record(a, name, &r);
	return status ? status : statuses[r.verdict];
}

int scan_egress(const struct args *a, const struct policy *policy)
{
	struct scan_events events;
	int status = scan_events_open(a, &events);
	if (status == EXIT_STATUS_OK)
		status = judge(a, policy, &events);
	scan_events_close(&events);
	return status;
}
