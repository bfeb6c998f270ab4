#include "daemon/packet_rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log_line.h"
#include "daemon/packet_switches.h"
#include "daemon/tool.h"

/* A rule for both families is two rules of iptables. */
static const struct family {
	const char *program, *restore;
	const char *sign; /* there when the kernel has the family */
} families[] = {
	{"iptables-nft", "iptables-nft-restore", "/proc/sys/net/ipv4"},
	{"ip6tables-nft", "ip6tables-nft-restore", "/proc/sys/net/ipv6"},
};
enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

static const enum packet_mode modes[] = {PACKET_ROUTED, PACKET_HOST};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

static int tell(const char *program, int code, const char *complaint,
                char why[static PACKET_RULES_WHY_SIZE])
{
	if (code == ERR_MISSING)
		(void)snprintf(why, PACKET_RULES_WHY_SIZE,
		               "the packet gate needs the program %s, which is not installed "
		               "(package %s)",
		               program, strncmp(program, "ip", 2) == 0 ? "iptables" : "nftables");
	else if (code == ERR_INVALID && strstr(complaint, "Operation not permitted"))
		code = ERR_DENIED;
	if (code < 0 && code != ERR_MISSING)
		(void)snprintf(why, PACKET_RULES_WHY_SIZE,
		               "%s does not take the rules of the packet gate: %s", program,
		               *complaint ? complaint : err_text(code));
	return code;
}

/* Takes the buffer. */
static int run(const char *const *arguments, struct buffer *input,
               char why[static PACKET_RULES_WHY_SIZE])
{
	char complaint[TOOL_COMPLAINT_SIZE] = "";
	int code = input->failed ? -ENOMEM : tool_run(arguments, buffer_view(input), complaint);
	buffer_done(input);
	return tell(arguments[0], code, complaint, why);
}

static int run_nft(struct buffer *input, bool is_check, char why[static PACKET_RULES_WHY_SIZE])
{
	const char *const arguments[] = {"nft", "-f", "-", is_check ? "--check" : NULL, NULL};
	return run(arguments, input, why);
}

static int run_restore(const struct family *f, struct buffer *input, bool is_check,
                       char why[static PACKET_RULES_WHY_SIZE])
{
	const char *const arguments[] = {f->restore, "--noflush", is_check ? "--test" : NULL, NULL};
	return run(arguments, input, why);
}

static bool is_there(const struct family *f)
{
	return access(f->sign, F_OK) == 0;
}

static bool has_call(const struct family *f, const struct packet_hook *hook)
{
	const char *const arguments[] = {f->program,  "-t", hook->table, "-C",
	                                 hook->chain, "-j", hook->own,   NULL};
	char complaint[TOOL_COMPLAINT_SIZE];
	return tool_run(arguments, (struct view){0}, complaint) == OK;
}

static bool has_table(void)
{
	const char *const arguments[] = {"nft", "list", "table", "inet", "writ", NULL};
	char complaint[TOOL_COMPLAINT_SIZE];
	return tool_run(arguments, (struct view){0}, complaint) == OK;
}

/* Whether the kernel knows the statement; without nft that is a failure. */
static int ask_for(enum packet_statement statement, bool *ret,
                   char why[static PACKET_RULES_WHY_SIZE])
{
	struct buffer text = {0};
	packet_rules_nft_probe(statement, &text);
	int code = run_nft(&text, true, why);
	if (code < 0 && code != ERR_INVALID)
		return code;
	*ret = code == OK;
	return OK;
}

static int remove_hook(const struct packet_hook *hook, char why[static PACKET_RULES_WHY_SIZE])
{
	int worst = OK;
	for (size_t i = 0; i < FAMILIES; i++) {
		if (!is_there(&families[i]) || !has_call(&families[i], hook))
			continue;
		struct buffer text = {0};
		packet_rules_iptables_remove(hook, &text);
		int code = run_restore(&families[i], &text, false, why);
		worst = code < 0 ? code : worst;
	}
	return worst;
}

/* Of all modes but one. */
static int remove_hooks(enum packet_mode kept, char why[static PACKET_RULES_WHY_SIZE])
{
	int worst = OK;
	for (size_t m = 0; m < MODES; m++) {
		const struct packet_hook *hooks = NULL;
		size_t count = modes[m] == kept ? 0 : packet_rules_hooks(modes[m], &hooks);
		for (size_t i = 0; i < count; i++) {
			int code = remove_hook(&hooks[i], why);
			worst = code < 0 ? code : worst;
		}
	}
	return worst;
}

static int put_hooks(const struct packet_rules *r, bool is_check,
                     char why[static PACKET_RULES_WHY_SIZE])
{
	const struct packet_hook *hooks = NULL;
	size_t count = packet_rules_hooks((enum packet_mode)r->options->mode, &hooks);
	int code = OK;
	for (size_t i = 0; code == OK && i < count * FAMILIES; i++) {
		const struct family *f = &families[i % FAMILIES];
		const struct packet_hook *hook = &hooks[i / FAMILIES];
		if (!is_there(f))
			continue;
		struct buffer text = {0};
		packet_rules_iptables(r, hook, has_call(f, hook), &text);
		code = run_restore(f, &text, is_check, why);
	}
	return code;
}

static int put_table(const struct packet_rules *r, bool is_check,
                     char why[static PACKET_RULES_WHY_SIZE])
{
	struct buffer text = {0};
	packet_rules_nft(r, &text);
	return run_nft(&text, is_check, why);
}

/* The one rule of iptables first: it does nothing until the table marks packets for it. */
static int put(const struct packet_rules *r, char why[static PACKET_RULES_WHY_SIZE])
{
	int code = put_table(r, true, why);
	if (code == OK && !r->has_nft_queue)
		code = put_hooks(r, true, why);
	if (code == OK && !r->has_nft_queue)
		code = put_hooks(r, false, why);
	if (code == OK)
		code = put_table(r, false, why);
	if (code == OK)
		code = remove_hooks(
			r->has_nft_queue ? PACKET_OFF : (enum packet_mode)r->options->mode, why);
	return code;
}

int packet_rules_apply(struct packet_rules *r, char why[static PACKET_RULES_WHY_SIZE])
{
	bool was_there = has_table();
	int code = ask_for(PACKET_STATEMENT_QUEUE, &r->has_nft_queue, why);
	if (code == OK)
		code = ask_for(PACKET_STATEMENT_FIB, &r->has_nft_fib, why);
	if (code == OK && !r->has_nft_fib)
		log_line(LOG_LEVEL_WARNING,
		         "packet gate: the kernel has no nft fib: a client that writes "
		         "packets in a server's name is not told");
	if (code == OK)
		code = put(r, why);
	/* the table has made the kernel follow connections, which makes their switches */
	if (code == OK)
		code = packet_switches_set(r, why);
	char further[PACKET_RULES_WHY_SIZE];
	if (code < 0 && !was_there && packet_rules_remove(r, further) < 0)
		log_line(LOG_LEVEL_WARNING, "%s", further);
	return code;
}

int packet_rules_remove(const struct packet_rules *r, char why[static PACKET_RULES_WHY_SIZE])
{
	struct buffer text = {0};
	packet_rules_nft_remove(&text);
	int table = run_nft(&text, false, why);
	int hooks = remove_hooks(PACKET_OFF, why);
	packet_switches_restore(r);
	return table < 0 ? table : hooks;
}

void packet_rules_print(const struct packet_rules *r, struct buffer *ret)
{
	const struct packet_hook *hooks = NULL;
	size_t count = packet_rules_hooks((enum packet_mode)r->options->mode, &hooks);
	if (count == 0)
		return;
	buffer_add_text(ret, "# nft -f -\n");
	packet_rules_nft(r, ret);
	for (size_t i = 0; !r->has_nft_queue && i < count * FAMILIES; i++) {
		buffer_printf(ret, "# %s --noflush\n", families[i % FAMILIES].restore);
		packet_rules_iptables(r, &hooks[i / FAMILIES], false, ret);
	}
}
