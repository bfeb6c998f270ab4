#include "daemon/role.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/directory.h"
#include "daemon/dns_role.h"
#include "daemon/fetch_role.h"
#include "daemon/log_line.h"
#include "daemon/metrics_role.h"
#include "daemon/packet_role.h"
#include "daemon/record_role.h"
#include "daemon/syscalls.h"

#define GROUP(name)   (1U << SYSCALLS_##name)
#define CAP_BIT(name) (UINT64_C(1) << CAP_##name)

const struct role_row roles[ROLES] = {
	[ROLE_RECORD] =
		{
			.name = "record",
			.what = "the only writer of evidence",
			.user = "writ-record",
			.uid = 61185,
			.syscalls = GROUP(PROCESS) | GROUP(FILES) | GROUP(STORE) | GROUP(MESSAGES),
			.paths = {{"/etc/localtime", PATH_READ},
                                  {"/usr/share/zoneinfo", PATH_READ},
                                  {"/dev/urandom", PATH_READ},
                                  {"/dev/random", PATH_READ},
                                  {"/proc/self", PATH_READ}},
			.main = record_role_main,
		},
	[ROLE_DNS] =
		{
			.name = "dns",
			.what = "the DNS gate",
			.user = "writ-dns",
			.uid = 61184,
			.is_prompt = true,
			.syscalls =
				GROUP(PROCESS) | GROUP(FILES) | GROUP(MESSAGES) | GROUP(NETWORK),
			/* libunbound: system settings, trust anchors, roots, certificates */
			.paths = {{"/etc", PATH_READ},
                                  {"/usr/share/dns", PATH_READ},
                                  {"/usr/share/ca-certificates", PATH_READ},
                                  {"/usr/lib/ssl", PATH_READ},
                                  {"/usr/share/zoneinfo", PATH_READ},
                                  {"/run/systemd/resolve", PATH_READ},
                                  {"/run/resolvconf", PATH_READ},
                                  {"/sys/devices/system/cpu", PATH_READ},
                                  {"/dev/urandom", PATH_READ},
                                  {"/dev/random", PATH_READ},
                                  {"/dev/null", PATH_READ},
                                  {"/proc/self", PATH_READ}},
			.main = dns_role_main,
		},
	[ROLE_PACKET] =
		{
			.name = "packet",
			.what = "the packet gate",
			.user = "writ-packet",
			.uid = 61188,
			.is_prompt = true,
			/* its sockets are open by then, and it opens no other */
			.syscalls =
				GROUP(PROCESS) | GROUP(FILES) | GROUP(MESSAGES) | GROUP(TRANSFER),
			/* the kernel asks for it at each verdict, of the process too */
			.capabilities = CAP_BIT(NET_ADMIN),
			.paths = {{"/proc/self", PATH_READ}},
			.main = packet_role_main,
		},
	[ROLE_FETCH] =
		{
			.name = "fetch",
			.what = "keeps lists of others current",
			.user = "writ-fetch",
			.uid = 61186,
			.is_optional = true,
			.syscalls = GROUP(PROCESS) | GROUP(FILES) | GROUP(STORE) | GROUP(MESSAGES) |
                                    GROUP(NETWORK),
			/* certificates; and the system's way of looking names up, with its modules */
			.paths = {{"/etc", PATH_READ},
                                  {"/usr/share/ca-certificates", PATH_READ},
                                  {"/usr/local/share/ca-certificates", PATH_READ},
                                  {"/usr/lib", PATH_READ},
                                  {"/run/systemd/resolve", PATH_READ},
                                  {"/run/resolvconf", PATH_READ},
                                  {"/dev/urandom", PATH_READ},
                                  {"/dev/random", PATH_READ},
                                  {"/dev/null", PATH_READ},
                                  {"/proc/self", PATH_READ}},
			.main = fetch_role_main,
		},
	[ROLE_METRICS] =
		{
			.name = "metrics",
			.what = "tells a scraper what is counted",
			.user = "writ-metrics",
			.uid = 61187,
			.is_optional = true,
			.syscalls =
				GROUP(PROCESS) | GROUP(FILES) | GROUP(MESSAGES) | GROUP(NETWORK),
			.paths = {{"/proc/self", PATH_READ}},
			.main = metrics_role_main,
		},
};

const struct role_row *role_find(const char *name)
{
	for (size_t i = 0; i < ROLES; i++) {
		if (strcmp(roles[i].name, name) == 0)
			return &roles[i];
	}
	return NULL;
}

void role_user(const struct role_row *row, uid_t *ret_uid, gid_t *ret_gid)
{
	sandbox_user(row->user, row->uid, ret_uid, ret_gid);
}

int role_make_folder(const struct role_row *row, const char *path, mode_t mode)
{
	uid_t uid;
	gid_t gid;
	int code = directory_make(path, mode);
	if (code < 0 || geteuid() != 0)
		return code;
	role_user(row, &uid, &gid);
	return directory_give(path, uid, gid);
}

size_t role_users(uint32_t users[static ROLES])
{
	size_t count = 0;
	for (size_t i = 0; geteuid() == 0 && i < ROLES; i++) {
		uid_t uid;
		gid_t gid;
		role_user(&roles[i], &uid, &gid);
		users[count++] = uid;
	}
	return count;
}

int role_confine(const struct role_row *row, const struct landlock_path *more)
{
	size_t count = 0, more_count = 0;
	while (more[more_count].path)
		more_count++;
	cleanup(free) struct landlock_path *paths =
		calloc(ROLE_PATHS_MAX + more_count, sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	for (; count < ROLE_PATHS_MAX && row->paths[count].path; count++)
		paths[count] = row->paths[count];
	for (size_t i = 0; i < more_count; i++)
		paths[count++] = more[i];
	struct sandbox sandbox = {.user = row->user,
	                          .uid = row->uid,
	                          .paths = paths,
	                          .path_count = count,
	                          .syscalls = row->syscalls,
	                          .capabilities = row->capabilities};
	struct sandbox_result result;
	int code = sandbox_enter(&sandbox, &result);
	if (code < 0)
		return code;
	if (!result.landlock)
		log_line(LOG_LEVEL_NOTICE,
		         "this kernel has no Landlock: the files of user %u stay visible",
		         (unsigned)result.uid);
	if (!result.user_changed)
		log_line(LOG_LEVEL_INFO,
		         "runs as user %u: started by root it would have a user of its own",
		         (unsigned)result.uid);
	return OK;
}
