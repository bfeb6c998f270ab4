#include "daemon/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "daemon/syscalls.h"

void sandbox_user(const char *user, uid_t uid, uid_t *ret_uid, gid_t *ret_gid)
{
	const struct passwd *entry = user ? getpwnam(user) : NULL;
	*ret_uid = entry ? entry->pw_uid : uid;
	*ret_gid = entry ? entry->pw_gid : (gid_t)uid;
}

/* Of those to be kept, the ones that are there. */
static uint64_t held(uint64_t capabilities)
{
	uint64_t all = 0;
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++) {
		if (capabilities >> i & 1 && capng_have_capability(CAPNG_PERMITTED, i))
			all |= UINT64_C(1) << i;
	}
	return all;
}

/* Drops every other capability; as root the user, its groups and the bounding set too. */
static int drop_privileges(uid_t uid, gid_t gid, uint64_t kept, struct sandbox_result *result)
{
	kept = held(kept);
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++) {
		if (kept >> i & 1 &&
		    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, i) < 0)
			return -EPERM;
	}
	if (geteuid() != 0)
		return capng_apply(CAPNG_SELECT_CAPS) < 0 ? -EPERM : OK;
	int code = capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	if (code < 0)
		return -EPERM;
	result->user_changed = true;
	return OK;
}

int sandbox_enter(const struct sandbox *s, struct sandbox_result *ret)
{
	uid_t uid;
	gid_t gid;
	sandbox_user(s->user, s->uid, &uid, &gid); /* reads files that Landlock is about to hide */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	struct sandbox_result result = {0};
	int code = landlock_enter(s->paths, s->path_count);
	if (code < 0 && code != ERR_MISSING)
		return code;
	result.landlock = code > 0 ? code : 0;
	code = drop_privileges(uid, gid, s->capabilities, &result);
	if (code == OK)
		code = syscalls_restrict(s->syscalls);
	if (code < 0)
		return code;
	result.uid = getuid();
	*ret = result;
	return OK;
}
